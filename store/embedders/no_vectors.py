"""The embedder of those who want none: search is by words alone."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

from store.embedders.cl100k import count_cl100k_tokens
from store.ports import Vector

# Nothing is ignored, so it is the passages' own budget that counts.
_MAX_TOKENS: Final = 8191


class NoVectors:
    """A `DocumentEmbedder` whose vectors are empty."""

    name = "none"
    dimension = 0
    max_tokens = _MAX_TOKENS
    tokens_embedded = 0

    @property
    def count_tokens(self) -> Callable[[str], int]:
        """Count cl100k_base tokens."""
        return count_cl100k_tokens

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        """Return an empty vector for each text."""
        return [[] for _ in texts]

    async def recall(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Return an empty vector for each text: there is nothing to embed."""
        return {text: [] for text in texts}

    async def close(self) -> None:
        """Nothing is held."""
