"""A plan becomes the next generation: read, chunk, embed, write."""

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from ingest.changes import Changes
from ingest.embedding import BATCH, PassageWriter
from ingest.parsing import CutPassage, ParsedPage
from ingest.plan import Plan
from ingest.processes import Parse, Workers, parse_files
from ingest.progress import Progress
from store.ports import DocumentEmbedder, IndexWriter
from store.records import Page, Passage

LEXICAL_FIRST_FROM: Final = 1000
"""Texts to embed from which on a generation without vectors comes first.

The bundled embedder needs 25 to 60 seconds for so many on two cores; they are read in 3.
"""

# How many passages whose vectors are known show that the docs are mostly embedded already.
_MOSTLY_KNOWN: Final = 4 * LEXICAL_FIRST_FROM


@dataclass(slots=True)
class _Batch:
    """Pages on their way into the index; `looked_up` of those added were looked for in the cache.

    `unknown` are the texts that were not there.
    """

    pages: list[Page] = field(default_factory=list)
    added: list[CutPassage] = field(default_factory=list)
    kept: list[Passage] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    looked_up: int = 0
    unknown: set[str] = field(default_factory=set)


class Pipeline:
    """Brings one unpublished generation up to date; publishing it is the caller's.

    `dense` tells whether passages get vectors. None leaves it to their number, for a generation
    that begins from nothing; it is known when the plan has been carried out. `workers` parse in
    other processes what `parse` does in this one.
    """

    def __init__(
        self,
        parse: Parse[ParsedPage],
        writer: IndexWriter,
        embedder: DocumentEmbedder,
        changes: Changes,
        *,
        dense: bool | None,
        progress: Progress,
        workers: Workers[ParsedPage] | None = None,
    ) -> None:
        self._changes = changes
        self._writer = writer
        self._parse = parse
        self._workers = workers
        self._passages = PassageWriter(writer, embedder, changes, progress)
        self._progress = progress
        self._dense = dense
        self._has_removed_pages = False

    @property
    def dense(self) -> bool:
        """Whether the passages that were written have vectors."""
        return self._dense is not False

    @property
    def has_changed_anything(self) -> bool:
        """Whether the generation differs from the one that it began from."""
        return self._changes.pages > 0 or self._changes.removed > 0 or self._has_removed_pages

    async def apply(self, plan: Plan) -> None:
        """Carry out `plan`. Raises `SourceError` or `ParsingError`."""
        self._has_removed_pages = bool(plan.gone_paths)
        for path in plan.gone_paths:
            self._changes.removed += len(await self._writer.passage_ids(path))
        await self._writer.remove_pages(plan.gone_paths)
        known = {file.path for file in (*plan.changed, *plan.refreshed)}
        self._progress.expect("Reading", len(plan.to_read))
        batch = _Batch()
        pages = parse_files(self._parse, plan.to_read, workers=self._workers)
        async with aclosing(pages):
            async for parsed in pages:
                await self._take(parsed, batch, is_known=parsed.file.path in known)
                if await self._is_full(batch):
                    await self._write(batch)
                    batch = _Batch()
        await self._write(batch)

    async def _take(self, parsed: ParsedPage, batch: _Batch, *, is_known: bool) -> None:
        self._changes.spend("parse", parsed.parse_seconds)
        self._changes.spend("chunk", parsed.chunk_seconds)
        self._changes.notices += parsed.notices
        self._progress.advance("Reading")
        old = await self._writer.passage_ids(parsed.file.path) if is_known else set()
        if parsed.page is None:
            # It is no page of the index, so that the next run tries it again.
            await self._writer.remove_pages([parsed.file.path] if is_known else [])
            self._changes.removed += len(old)
            return
        new = {cut.passage.id for cut in parsed.passages}
        batch.pages.append(parsed.page)
        batch.added += [cut for cut in parsed.passages if cut.passage.id not in old]
        batch.kept += [cut.passage for cut in parsed.passages if cut.passage.id in old]
        batch.removed += sorted(old - new)

    async def _is_full(self, batch: _Batch) -> bool:
        """Tell whether to write; whether with vectors is decided as late as memory allows."""
        if self._dense is not None:
            return len(batch.added) + len(batch.kept) >= BATCH
        if len(batch.added) - batch.looked_up >= BATCH:
            batch.unknown |= await self._passages.unknown(batch.added[batch.looked_up :])
            batch.looked_up = len(batch.added)
        if len(batch.unknown) >= LEXICAL_FIRST_FROM:
            self._dense = False
            await self._writer.leave_out_vectors()
        elif batch.looked_up >= _MOSTLY_KNOWN:
            self._dense = True
        return self._dense is not None

    async def _write(self, batch: _Batch) -> None:
        with self._changes.timed("write"):
            await self._writer.remove_passages(batch.removed)
            await self._writer.update_passages(batch.kept)
        await self._passages.put(batch.added, dense=self.dense)
        with self._changes.timed("write"):
            await self._writer.put_pages(batch.pages)
        self._changes.pages += len(batch.pages)
        self._changes.added += len(batch.added)
        self._changes.tokens += sum(cut.passage.tokens for cut in batch.added)
        self._changes.kept += len(batch.kept)
        self._changes.removed += len(batch.removed)
