"""Read the embedded index: Qdrant's engine inside this process, one shard a generation."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import anyio
from anyio import CancelScope, to_thread
from qdrant_edge import (
    EdgeShard,
    Filter,
    HasIdCondition,
    Query,
    QueryBatchRequest,
    QueryRequest,
    SparseVector,
)

from store.errors import IndexCorruptError, IndexMismatchError, IndexMissingError
from store.index.edge_shard import (
    load_shard,
    read_hashes,
    read_pages,
    run_engine,
    scroll,
    translate_errors,
    where,
    within,
)
from store.index.generations import Generations, PointerStamp
from store.index.hybrid import Hit, VectorQuery, hybrid_search
from store.index.known_records import KnownRecords
from store.index.manifests import check_manifest
from store.index.mapped_files import forget_mapped
from store.index.payloads import (
    DENSE,
    LEXICAL,
    PASSAGE,
    page_of,
    page_point_id,
    passage_of,
)
from store.ports import Embedder, Vector
from store.records import Ledger, Manifest, Page, Passage, Scope, ScoredPassage, TermWeights

logger = logging.getLogger(__name__)

_LOAD_ATTEMPTS: Final = 3


@dataclass(slots=True)
class _OpenGeneration:
    """A shard in memory; closed when it is retired and its last user is done."""

    manifest: Manifest
    shard: EdgeShard
    known: KnownRecords = field(default_factory=KnownRecords)
    users: int = 0
    retired: bool = False


class EdgeIndex:
    """A `PassageIndex` over the generation that is published in a folder.

    Every call looks at the pointer first, which costs one `stat`, and moves over when a newer
    generation is there; calls that are running end on the shard that they began with. A newer
    generation that can't be used is logged, and the older one is read on.
    """

    def __init__(
        self,
        generations: Generations,
        embedder: Embedder,
        *,
        opened: _OpenGeneration,
        stamp: PointerStamp | None,
    ) -> None:
        self._generations = generations
        self._embedder = embedder
        self._current = opened
        self._stamp = stamp
        self._moving = anyio.Lock()

    @classmethod
    async def open(cls, directory: Path, embedder: Embedder) -> Self:
        """Open the published generation.

        Raises `IndexMissingError`, `IndexMismatchError` or `IndexCorruptError`.
        """
        generations = Generations(directory)
        stamp, opened = await to_thread.run_sync(_load, generations, embedder)
        return cls(generations, embedder, opened=opened, stamp=stamp)

    @property
    def manifest(self) -> Manifest:
        """The manifest of the generation that is being read."""
        return self._current.manifest

    async def search(
        self,
        *,
        text: str,
        vector: Vector,
        limit: int = 10,
        candidates: int = 50,
        scope: Scope | None = None,
    ) -> list[ScoredPassage]:
        """Rank passages by the fused scores of dense and BM25 search."""
        async with self._reading() as opened:
            readable = within(scope, restricted=opened.manifest.restricted > 0)

            async def run(queries: Sequence[VectorQuery]) -> list[list[Hit]]:
                # Not in a thread: the engine holds the interpreter's lock while it searches, so
                # nothing else would run meanwhile, and to change threads takes as long as it does.
                return translate_errors(lambda: _run(opened.shard, queries, readable))

            return await hybrid_search(
                run,
                opened.known,
                text=text,
                vector=vector if opened.manifest.dense else [],
                limit=limit,
                candidates=candidates,
            )

    async def pages(self) -> list[Page]:
        """Return every page ordered by path, with `text` left empty."""
        async with self._reading() as opened:
            known = opened.known.pages()
            if known is not None:
                return known
            return opened.known.keep_pages(await run_engine(lambda: read_pages(opened.shard)))

    async def page(self, path: str) -> Page | None:
        """Return one whole page, or None when the index has no such path."""
        async with self._reading() as opened:
            records = await run_engine(
                lambda: opened.shard.retrieve([page_point_id(path)], True, False)
            )
        return page_of(records[0].payload or {}) if records else None

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        """Return a page's passages by position; with `anchor`, those of that section alone."""
        async with self._reading() as opened:
            known = opened.known.section(path, anchor)
            if known is not None:
                return known
            section = {} if anchor is None else {"anchor": anchor}
            matching = where(kind=PASSAGE, path=path, **section)
            records = await run_engine(lambda: list(scroll(opened.shard, matching, payload=True)))
            found = (passage_of(str(record.id), record.payload or {}) for record in records)
            return opened.known.keep_section(path, anchor, found)

    async def close(self) -> None:
        """Close the shard as soon as no call uses it."""
        await self._retire(self._current)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[_OpenGeneration]:
        await self._follow_pointer()
        opened = self._current
        opened.users += 1
        try:
            yield opened
        finally:
            opened.users -= 1
            if opened.retired:
                await self._retire(opened)

    async def _follow_pointer(self) -> None:
        stamp = self._generations.stamp()
        if stamp is None or stamp == self._stamp:
            return
        try:
            self._moving.acquire_nowait()
        except anyio.WouldBlock:
            return  # Another call is moving over; this one need not wait for it.
        try:
            loaded, opened = await to_thread.run_sync(_load, self._generations, self._embedder)
        except (IndexMissingError, IndexCorruptError, IndexMismatchError) as error:
            # It is tried and told once, not at each call.
            self._stamp = stamp
            logger.warning("Still reading generation %d: %s", self.manifest.generation, error)
        else:
            self._stamp = loaded
            retired, self._current = self._current, opened
            logger.info("Moved over to generation %d.", opened.manifest.generation)
            await self._retire(retired)
        finally:
            self._moving.release()

    @staticmethod
    async def _retire(opened: _OpenGeneration) -> None:
        opened.retired = True
        if opened.users == 0:
            with CancelScope(shield=True):
                await run_engine(opened.shard.close)


async def read_ledger(directory: Path, embedder: Embedder) -> Ledger:
    """Return the ledger of the published generation; raises as `EdgeIndex.open` does."""
    generations = Generations(directory)
    published = generations.published()
    check_manifest(published.manifest, embedder)
    # Ingest alone reads it, and has no threads as long as it knows of nothing to do.
    hashes = published.hashes()
    if hashes is not None:
        return Ledger(published.manifest, hashes)
    return await to_thread.run_sync(_ledger_of_shard, generations, embedder)


def _ledger_of_shard(generations: Generations, embedder: Embedder) -> Ledger:
    _, opened = _load(generations, embedder)
    try:
        return Ledger(opened.manifest, translate_errors(lambda: read_hashes(opened.shard)))
    finally:
        opened.shard.close()


def _load(
    generations: Generations, embedder: Embedder, attempts: int = _LOAD_ATTEMPTS
) -> tuple[PointerStamp | None, _OpenGeneration]:
    stamp = generations.stamp()
    try:
        published = generations.published()
        check_manifest(published.manifest, embedder)
        shard = load_shard(published.shard)
        forget_mapped(published.shard)
        return stamp, _OpenGeneration(published.manifest, shard)
    except IndexCorruptError:
        # Publications in quick succession may have removed the files after the pointer was read.
        if attempts > 1 and generations.stamp() != stamp:
            return _load(generations, embedder, attempts - 1)
        raise


def _run(
    shard: EdgeShard, queries: Sequence[VectorQuery], readable: Filter | None
) -> list[list[Hit]]:
    requests = [
        QueryRequest(
            limit=query.limit,
            query=Query.Nearest(*_named(query.vector)),
            filter=Filter(must=[HasIdCondition(set(query.ids))]) if query.ids else readable,
            with_payload=query.with_payload,
        )
        for query in queries
    ]
    return [
        [Hit(str(point.id), point.score, point.payload or {}) for point in points]
        for points in shard.query_batch(QueryBatchRequest(requests))
    ]


def _named(vector: Vector | TermWeights) -> tuple[Vector | SparseVector, str]:
    if isinstance(vector, TermWeights):
        return SparseVector(vector.indices, vector.values), LEXICAL
    return vector, DENSE
