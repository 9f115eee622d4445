"""Put passages into a generation, with vectors or without, and count what that takes."""

from collections.abc import Sequence
from typing import Final

from ingest.changes import Changes
from ingest.parsing import CutPassage
from ingest.progress import Progress
from store.ports import DocumentEmbedder, IndexWriter, Vector
from store.records import IndexedPassage

BATCH: Final = 256
"""Passages that are embedded and written together: what bounds memory."""


class PassageWriter:
    """Writes passages in batches; each distinct text is embedded once."""

    def __init__(
        self,
        writer: IndexWriter,
        embedder: DocumentEmbedder,
        changes: Changes,
        progress: Progress,
    ) -> None:
        self._writer = writer
        self._embedder = embedder
        self._changes = changes
        self._progress = progress

    async def put(self, cuts: Sequence[CutPassage], *, dense: bool) -> None:
        """Insert or replace passages."""
        if dense:
            self._progress.expect("Embedding", len(cuts))
        for start in range(0, len(cuts), BATCH):
            batch = cuts[start : start + BATCH]
            vectors = await self._vectors(batch) if dense else {}
            with self._changes.timed("write"):
                await self._writer.put_passages(
                    [
                        IndexedPassage(cut.passage, vectors.get(cut.embedded_text, []), cut.terms)
                        for cut in batch
                    ]
                )

    async def unknown(self, cuts: Sequence[CutPassage]) -> set[str]:
        """Return the texts that have to be embedded."""
        texts = {cut.embedded_text for cut in cuts}
        return texts - (await self._embedder.recall(sorted(texts))).keys()

    async def _vectors(self, cuts: Sequence[CutPassage]) -> dict[str, Vector]:
        texts = list(dict.fromkeys(cut.embedded_text for cut in cuts))
        with self._changes.timed("embed"):
            vectors = await self._embedder.recall(texts)
            new = [text for text in texts if text not in vectors]
            before = self._embedder.tokens_embedded
            if new:
                embedded = await self._embedder.embed(new, kind="document")
                vectors.update(zip(new, embedded, strict=True))
        self._changes.embedded += len(new)
        self._changes.embedded_tokens += self._embedder.tokens_embedded - before
        self._changes.reused += len(cuts) - len(new)
        self._progress.advance("Embedding", len(cuts))
        return vectors
