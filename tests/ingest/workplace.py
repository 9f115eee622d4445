"""A docs folder, an index of its own, and what a run of ingest does between them.

Apart from the fixtures, so that a process of its own can be handed one.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ingest.estimate import Estimate
from ingest.plan import Plan
from ingest.progress import Silence
from ingest.run import Request, Summary, bring_up_to_date, compare, estimate_cost
from store.index.edge import EdgeIndex
from store.ports import DocumentEmbedder, Vector
from store.records import Passage
from store.settings import StoreSettings
from tests.contract.index_samples import WordEmbedder


class RecordingEmbedder(WordEmbedder):
    """A word embedder that tells what it was asked to embed, can remember vectors, and can fail."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.error: BaseException | None = None
        self.remembers = False
        self.remembered: dict[str, Vector] = {}

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        if self.error is not None:
            raise self.error
        self.texts += texts
        vectors = await super().embed(texts, kind=kind)
        if self.remembers:
            self.remembered.update(zip(texts, vectors, strict=True))
        return vectors

    async def recall(self, texts: Sequence[str]) -> dict[str, Vector]:
        return {text: self.remembered[text] for text in texts if text in self.remembered}


@dataclass
class Workplace:
    """A docs folder and an index."""

    docs: Path
    settings: StoreSettings
    embedder: RecordingEmbedder = field(default_factory=RecordingEmbedder)

    def write(self, path: str, text: str) -> None:
        location = self.docs / path
        location.parent.mkdir(parents=True, exist_ok=True)
        location.write_text(text)

    async def ingest(
        self,
        *,
        base_url: str | None = None,
        rebuild: bool = False,
        strict: bool = False,
        embedder: DocumentEmbedder | None = None,
    ) -> Summary:
        """Run ingest; afterwards `embedder.texts` is what this run embedded."""
        self.embedder.texts.clear()
        request = Request(self.docs, base_url=base_url, rebuild=rebuild, strict=strict)
        return await bring_up_to_date(
            self.settings, embedder or self.embedder, request, progress=Silence()
        )

    async def compare(self) -> Plan:
        return await compare(self.settings, self.embedder, Request(self.docs))

    async def estimate(self) -> Estimate:
        return await estimate_cost(self.settings, self.embedder, Request(self.docs))

    @asynccontextmanager
    async def index(self) -> AsyncIterator[EdgeIndex]:
        index = await EdgeIndex.open(self.settings.index_dir, self.embedder)
        try:
            yield index
        finally:
            await index.close()

    async def passages(self) -> list[Passage]:
        """Return every passage of the published index, by path and position."""
        async with self.index() as index:
            return [
                passage
                for page in await index.pages()
                for passage in await index.passages(page.path)
            ]
