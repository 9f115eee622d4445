"""How much text a passage may hold."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple

from ingest.indexed_text import embedded_words, heading_line
from store.embedders.cl100k import count_cl100k_tokens

# Small enough to be about one thing, large enough to answer a question about it. Neighbours are
# put together up to the target; what should not be cut may reach the limit.
TARGET_TOKENS = 220
LIMIT_TOKENS = 240
# Two blank lines' worth: joining two texts can't add more tokens than this.
SEPARATOR_TOKENS = 2
# A mark that begins a text isn't read, but is where the text is put behind another.
_JOINING_TOKENS = 4
_CACHED_WORDS = 100_000
# Characters of a word with what is around it: shorter texts are hardly ever too many words.
_MEAN_WORD = 5
# By so many tokens the sum of parts may be less than what they cost together.
_ROUGHLY = 4
_NEWLINE = "\n"


class Cost(NamedTuple):
    """Tokens of a text as written (cl100k_base), and of its searched words (the embedder's)."""

    written: int
    embedded: int

    def plus(self, other: "Cost") -> "Cost":
        """Return the cost of two texts put into one passage."""
        if other is NOTHING:
            return self
        written, embedded = other
        return Cost(self[0] + written + SEPARATOR_TOKENS, self[1] + embedded)


NOTHING = Cost(-SEPARATOR_TOKENS, 0)


def total(costs: Sequence[Cost]) -> Cost:
    """Return the cost of texts put into one passage."""
    return costs[0] if len(costs) == 1 else reduce(Cost.plus, costs)


class Measure:
    """Counts tokens for one embedder: `max_tokens` and `count` are the embedder's.

    The embedder's tokenizer sees each distinct word once: tokenizers of embedders cut text at
    white space first, so the tokens of a text are those of its words.
    """

    def __init__(self, *, max_tokens: int, count: Callable[[str], int]) -> None:
        self._words = _words_counted_by(count)
        self.max_tokens = max_tokens - self._words.special_tokens - _JOINING_TOKENS

    def embedder_tokens(self, words: Iterable[str]) -> int:
        """Count the embedder's tokens of words, without the special ones."""
        return sum(map(self._words.__getitem__, words))


class _WordCounts(dict[str, int]):
    """The tokens of words, each counted at its first use."""

    def __init__(self, count: Callable[[str], int]) -> None:
        super().__init__()
        self.special_tokens = count("")
        self._count = count

    def __missing__(self, word: str) -> int:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        count = self[word] = self._count(word) - self.special_tokens
        return count


# The pages of later runs say the same words, and runs have a measure each.
@lru_cache(2)
def _words_counted_by(count: Callable[[str], int]) -> _WordCounts:
    return _WordCounts(count)


class Budget:
    """The budget of one section's passages: its headings take their part of the embedder's."""

    def __init__(self, headings: Sequence[str], measure: Measure) -> None:
        self._measure = measure
        heading_tokens = measure.embedder_tokens(heading_line(headings).split())
        self._room = max(1, measure.max_tokens - heading_tokens)
        self._costs: dict[str, Cost] = {}

    def cost(self, text: str) -> Cost:
        """Measure a text; of one that is far too long only that is told."""
        cost = self._costs.get(text)
        if cost is None:
            # No token spans two words, so there are at least as many.
            may_have_more = len(text) > _MEAN_WORD * LIMIT_TOKENS
            if may_have_more and (words := len(text.split())) > LIMIT_TOKENS:
                return Cost(words, 0)
            written = count_cl100k_tokens(text)
            fits = written <= LIMIT_TOKENS
            embedded = self._measure.embedder_tokens(embedded_words(text)) if fits else 0
            cost = self._costs[text] = Cost(written, embedded)
        return cost

    def fits(self, cost: Cost) -> bool:
        """Tell whether a text of this cost can be one passage."""
        return cost.written <= LIMIT_TOKENS and cost.embedded <= self._room

    def fill(self, written: int, embedded: int) -> float:
        """Return how full a passage of this cost is: 1 is the size to aim at, and fits."""
        by_written, by_embedded = written / TARGET_TOKENS, embedded / self._room
        return by_written if by_written > by_embedded else by_embedded


class Room:
    """What is left of a passage for a part of a text: between `head` and `tail`, beside others."""

    def __init__(self, budget: Budget, beside: Cost, head: str = "", tail: str = "") -> None:
        self._budget = budget
        self._beside = beside
        self._head = head
        self._tail = tail
        self._frame = self.cost("")

    def cost(self, text: str) -> Cost:
        """Measure a text between head and tail."""
        return self._budget.cost(f"{self._head}{text.strip(_NEWLINE)}{self._tail}")

    def fits(self, text: str) -> bool:
        """Tell whether a text fits."""
        return self._budget.fits(self.cost(text).plus(self._beside))

    def share(self, text: str) -> Cost:
        """Return what a text adds to the cost of others that it is put together with, nearly."""
        cost = self.cost(text)
        return Cost(cost.written - self._frame.written, cost.embedded - self._frame.embedded)

    def surely_fits(self, share: Cost) -> bool:
        """Tell whether texts that add so much fit, so clearly that they needn't be measured."""
        cost = Cost(
            self._frame.written + share.written + _ROUGHLY,
            self._frame.embedded + share.embedded + _ROUGHLY,
        )
        return self._budget.fits(cost.plus(self._beside))
