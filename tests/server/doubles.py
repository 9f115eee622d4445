"""Engines of the right shape for tests of what stands above them."""

from collections.abc import Sequence
from typing import Literal

from store.errors import IndexUnavailableError
from store.ports import Vector
from store.records import Manifest, Page, Passage, Scope, ScoredPassage


class ListedIndex:
    """An index that finds the same passages for every question, or fails."""

    def __init__(self, found: Sequence[Passage], *, fails: bool = False) -> None:
        self.fails = fails
        self.asked: list[str] = []
        self._found = found

    @property
    def manifest(self) -> Manifest:
        return Manifest(
            generation=1,
            embedder="constant",
            dimension=1,
            chunker="1",
            docs="docs",
            base_url="/docs/",
            pages=1,
            passages=len(self._found),
            created_at="2026-01-01T00:00:00Z",
        )

    async def search(
        self,
        *,
        text: str,
        vector: Vector,
        limit: int = 10,
        candidates: int = 50,
        scope: Scope | None = None,
    ) -> list[ScoredPassage]:
        self.asked.append(text)
        if self.fails:
            raise IndexUnavailableError("ListedIndex", "told to fail")
        found = [
            ScoredPassage(passage, score=1 / (rank + 1)) for rank, passage in enumerate(self._found)
        ]
        return found[:limit]

    async def pages(self) -> list[Page]:
        return []

    async def page(self, path: str) -> Page | None:
        return None

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        return []

    async def close(self) -> None:
        pass


class ConstantEmbedder:
    """Every text has the same vector."""

    name = "constant"
    dimension = 1
    max_tokens = 100
    tokens_embedded = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        return [[1.0] for _ in texts]

    async def close(self) -> None:
        pass
