"""How much text a passage may hold."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ingest.indexed_text import embedded_words, heading_line
from ingest.tokens import count_tokens

# Small enough to be about one thing, large enough to answer a question about it. Neighbours are
# put together up to the target; what should not be cut may reach the limit.
TARGET_TOKENS = 220
LIMIT_TOKENS = 240
# Two blank lines' worth: joining two texts can't add more tokens than this.
_SEPARATOR_TOKENS = 2


class Cost(NamedTuple):
    """Tokens of a text as written (cl100k_base), and of its searched words (the embedder's)."""

    written: int
    embedded: int

    def plus(self, other: "Cost") -> "Cost":
        """Return the cost of two texts put into one passage."""
        return Cost(
            self.written + other.written + _SEPARATOR_TOKENS,
            self.embedded + other.embedded,
        )


NOTHING = Cost(-_SEPARATOR_TOKENS, 0)


class Budget:
    """The budget of one section's passages: its headings take their part of the embedder's."""

    def __init__(
        self, headings: Sequence[str], *, max_tokens: int, count: Callable[[str], int]
    ) -> None:
        self._count = count
        self._special_tokens = count("")
        self._room = max(1, max_tokens - count(heading_line(headings)))

    def cost(self, text: str) -> Cost:
        """Measure a text."""
        embedded = self._count(embedded_words(text)) - self._special_tokens
        return Cost(count_tokens(text), embedded)

    def fits(self, cost: Cost) -> bool:
        """Tell whether a text of this cost can be one passage."""
        return cost.written <= LIMIT_TOKENS and cost.embedded <= self._room

    def fill(self, cost: Cost) -> float:
        """Return how full a passage of this cost is: 1 is the size to aim at."""
        return max(cost.written / TARGET_TOKENS, cost.embedded / self._room)
