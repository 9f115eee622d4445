"""Build the next generation of the embedded index."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Self, TextIO, TypeVar

from anyio import CancelScope, to_thread
from qdrant_edge import EdgeShard, Point, SparseVector, UpdateOperation

from store.errors import IndexMissingError
from store.index.edge_shard import (
    SEGMENT_PASSAGES,
    count_restricted,
    create_shard,
    index_fields,
    load_shard,
    read_hashes,
    run_engine,
    scroll,
    translate_errors,
    where,
)
from store.index.generations import KEEP_GENERATIONS, Draft, Generation, Generations
from store.index.lexical import LEXICAL_TERMS
from store.index.manifests import check_manifest
from store.index.payloads import (
    DENSE,
    LEXICAL,
    PASSAGE,
    page_payload,
    page_point_id,
    passage_payload,
)
from store.ports import Embedder, Vector
from store.records import IndexedPassage, Manifest, Page, Passage

_BATCH: Final = 256

T = TypeVar("T")


class EdgeWriter:
    """An `IndexWriter` that works in a folder of its own beside the published generation.

    The published files are copied at the first change, so a run that finds nothing to do costs
    no more than reading.
    """

    def __init__(
        self,
        generations: Generations,
        lock: TextIO,
        *,
        base: Generation | None,
        base_shard: EdgeShard | None,
        hashes: dict[str, str],
        dimension: int,
    ) -> None:
        self._generations = generations
        self._lock = lock
        self._base = base
        self._base_shard = base_shard
        self._hashes = hashes
        self._dimension = dimension
        self._draft: tuple[Draft, EdgeShard] | None = None
        # Passages that the engine may still hold in memory.
        self._unsealed = 0

    @classmethod
    async def open(
        cls,
        directory: Path,
        embedder: Embedder,
        *,
        rebuild: bool = False,
        keep_generations: int = KEEP_GENERATIONS,
    ) -> Self:
        """Become the index's only writer; with `rebuild`, begin from nothing.

        Raises `IndexBusyError`, `IndexMismatchError`, `IndexCorruptError` or `IndexStorageError`.
        """
        return await to_thread.run_sync(
            cls._open, Generations(directory, keep=keep_generations), embedder, rebuild
        )

    @classmethod
    def _open(cls, generations: Generations, embedder: Embedder, rebuild: bool) -> Self:
        lock = generations.lock()
        opened = False
        try:
            generations.clean()
            base = None if rebuild else _published(generations, embedder)
            base_shard = None if base is None else load_shard(base.shard)
            hashes = _hashes(base, base_shard)
            opened = True
        finally:
            if not opened:
                lock.close()
        return cls(
            generations,
            lock,
            base=base,
            base_shard=base_shard,
            hashes=hashes,
            dimension=embedder.dimension,
        )

    async def leave_out_vectors(self) -> None:
        """Keep BM25's terms alone; nothing has been written yet."""
        self._dimension = 0

    async def hashes(self) -> dict[str, str]:
        """Return the content hash of each page of the next generation by its path."""
        return dict(sorted(self._hashes.items()))

    async def passage_ids(self, path: str) -> set[str]:
        """Return the ids of a page's passages in the next generation."""
        shard = self._readable
        if shard is None:
            return set()
        matching = where(kind=PASSAGE, path=path)
        records = await run_engine(lambda: list(scroll(shard, matching, payload=False)))
        return {str(record.id) for record in records}

    async def remove_pages(self, paths: Sequence[str]) -> None:
        """Remove pages and their passages."""
        await self._change(
            paths, lambda part: [UpdateOperation.delete_points_by_filter(where(path=part))]
        )
        for path in paths:
            self._hashes.pop(path, None)

    async def remove_passages(self, ids: Sequence[str]) -> None:
        """Remove passages by id."""
        await self._change(ids, lambda part: [UpdateOperation.delete_points(list(part))])

    async def put_pages(self, pages: Sequence[Page]) -> None:
        """Insert or replace page records (not their passages)."""
        await self._change(
            pages,
            lambda part: [UpdateOperation.upsert_points([_page_point(page) for page in part])],
        )
        self._hashes |= {page.path: page.content_hash for page in pages}

    async def put_passages(self, passages: Sequence[IndexedPassage]) -> None:
        """Insert or replace passages with their vectors."""
        await self._change(
            passages,
            lambda part: [UpdateOperation.upsert_points([_passage_point(item) for item in part])],
        )
        self._unsealed += len(passages)
        if self._unsealed >= SEGMENT_PASSAGES:
            await self.optimize()

    async def update_passages(self, passages: Sequence[Passage]) -> None:
        """Replace the record of passages that are there, keeping their vectors."""
        await self._change(
            passages,
            lambda part: [
                UpdateOperation.overwrite_payload([passage.id], passage_payload(passage))
                for passage in part
            ],
        )

    async def optimize(self) -> None:
        """Have the engine put its files in order."""
        await run_engine(self._optimize)

    async def publish(self, manifest: Manifest) -> None:
        """Make the generation durable, switch readers to it atomically, drop old ones."""
        await run_engine(lambda: self._publish(manifest))

    async def abandon(self) -> None:
        """Throw the unpublished generation away; nothing to do after `publish`."""
        with CancelScope(shield=True):
            await run_engine(self._abandon)

    @property
    def _readable(self) -> EdgeShard | None:
        return self._base_shard if self._draft is None else self._draft[1]

    async def _change(
        self,
        items: Sequence[T],
        operations: Callable[[Sequence[T]], Iterable[UpdateOperation]],
    ) -> None:
        for start in range(0, len(items), _BATCH):
            part = items[start : start + _BATCH]
            await run_engine(partial(self._apply, part, operations))

    def _apply(
        self, part: Sequence[T], operations: Callable[[Sequence[T]], Iterable[UpdateOperation]]
    ) -> None:
        self._generations.check_space()
        _, shard = self._next()
        for operation in operations(part):
            shard.update(operation)

    def _next(self) -> tuple[Draft, EdgeShard]:
        """Return the next generation, made when it is first needed."""
        if self._draft is None:
            draft = self._generations.begin(self._base)
            if self._base_shard is None:
                shard = create_shard(draft.shard, dimension=self._dimension)
            else:
                shard = load_shard(draft.shard)
                index_fields(shard)
                self._base_shard.close()
            self._draft = draft, shard
        return self._draft

    def _optimize(self) -> None:
        _, shard = self._next()
        shard.flush()
        # The engine decides what is worth it: closing a segment, or dropping what was removed.
        shard.optimize()
        self._unsealed = 0

    def _publish(self, manifest: Manifest) -> None:
        draft, shard = self._next()
        restricted = count_restricted(shard)
        shard.flush()
        shard.close()
        self._generations.publish(
            draft,
            replace(
                manifest, generation=draft.number, lexical=LEXICAL_TERMS, restricted=restricted
            ),
            dict(sorted(self._hashes.items())),
        )
        self._lock.close()

    def _abandon(self) -> None:
        if self._lock.closed:
            return
        if self._draft is not None:
            self._draft[1].close()
        elif self._base_shard is not None:
            self._base_shard.close()
        self._generations.clean()
        self._lock.close()


def _published(generations: Generations, embedder: Embedder) -> Generation | None:
    try:
        published = generations.published()
    except IndexMissingError:
        return None
    check_manifest(published.manifest, embedder)
    return published


def _hashes(base: Generation | None, shard: EdgeShard | None) -> dict[str, str]:
    if base is None or shard is None:
        return {}
    hashes = base.hashes()
    return translate_errors(lambda: read_hashes(shard)) if hashes is None else hashes


def _page_point(page: Page) -> Point:
    return Point(page_point_id(page.path), {}, page_payload(page))


def _passage_point(item: IndexedPassage) -> Point:
    sparse = SparseVector(item.terms.indices, item.terms.values)
    vectors: dict[str, Vector | SparseVector | list[Vector]] = {LEXICAL: sparse}
    if item.vector:
        vectors[DENSE] = item.vector
    return Point(item.passage.id, vectors, passage_payload(item.passage))
