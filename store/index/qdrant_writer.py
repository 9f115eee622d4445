"""Build the next generation of the index on a Qdrant server or cluster."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, Self, TypeVar

from anyio import CancelScope
from qdrant_client import models
from qdrant_client.http.exceptions import UnexpectedResponse

from store.errors import IndexBusyError, SettingsError
from store.index.generations import KEEP_GENERATIONS
from store.index.lexical import LEXICAL_TERMS
from store.index.manifests import check_manifest, manifest_payload
from store.index.payloads import (
    DENSE,
    INDEXED_FIELDS,
    LEXICAL,
    PASSAGE,
    page_payload,
    page_point_id,
    passage_payload,
)
from store.index.qdrant_collections import (
    MANIFEST,
    Collections,
    count_restricted,
    engine_errors,
    read_hashes,
    scroll,
    where,
)
from store.ports import Embedder
from store.records import IndexedPassage, Manifest, Page, Passage

_BATCH: Final = 128
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409

T = TypeVar("T")


class QdrantWriter:
    """An `IndexWriter` that works in a collection of its own beside the published one.

    The published points are copied at the first change, so a run that finds nothing to do costs
    no more than reading. When two ingests run at once, the one that publishes first wins and the
    other is told so.
    """

    def __init__(
        self,
        collections: Collections,
        *,
        base: str | None,
        to_copy: str | None,
        dimension: int,
        keep_generations: int,
    ) -> None:
        self._collections = collections
        self._client = collections.client
        self._base = base
        self._to_copy = to_copy
        self._dimension = dimension
        self._keep_generations = keep_generations
        self._number = 0
        self._collection: str | None = None

    @classmethod
    async def open(
        cls,
        collections: Collections,
        embedder: Embedder,
        *,
        rebuild: bool = False,
        keep_generations: int = KEEP_GENERATIONS,
    ) -> Self:
        """Begin from what is published or, with `rebuild`, from nothing.

        The client is closed by `publish` and `abandon`. Raises `IndexMismatchError`,
        `IndexCorruptError`, or `SettingsError` when the server can't be used.
        """
        with collections.opening():
            names = (await collections.client.get_collections()).collections
            if collections.name in {collection.name for collection in names}:
                problem = (
                    f"a collection named {collections.name} is there, and isn't an index's alias"
                )
                raise SettingsError("QDRANT_COLLECTION", problem)
            base = await collections.target()
            published = None if rebuild else await collections.published()
        if published is not None:
            check_manifest(published.manifest, embedder)
        dense = published is None or published.manifest.dense
        return cls(
            collections,
            base=base,
            to_copy=None if published is None else published.collection,
            dimension=embedder.dimension if dense else 0,
            keep_generations=keep_generations,
        )

    async def leave_out_vectors(self) -> None:
        """Keep BM25's terms alone; nothing has been written yet."""
        self._dimension = 0

    async def hashes(self) -> dict[str, str]:
        """Return the content hash of each page of the next generation by its path."""
        if self._readable is None:
            return {}
        with engine_errors():
            return await read_hashes(self._client, self._readable)

    async def passage_ids(self, path: str) -> set[str]:
        """Return the ids of a page's passages in the next generation."""
        if self._readable is None:
            return set()
        matching = where(kind=PASSAGE, path=path)
        with engine_errors():
            return {
                str(record.id)
                async for records in scroll(self._client, self._readable, matching, payload=False)
                for record in records
            }

    async def remove_pages(self, paths: Sequence[str]) -> None:
        """Remove pages and their passages."""
        async with self._writing() as collection:
            for part in _batches(paths):
                selector = models.FilterSelector(filter=where(path=part))
                await self._client.delete(collection, selector)

    async def remove_passages(self, ids: Sequence[str]) -> None:
        """Remove passages by id."""
        async with self._writing() as collection:
            for part in _batches(ids):
                await self._client.delete(collection, models.PointIdsList(points=list(part)))

    async def put_pages(self, pages: Sequence[Page]) -> None:
        """Insert or replace page records (not their passages)."""
        async with self._writing() as collection:
            for part in _batches(pages):
                await self._client.upsert(collection, [_page_point(page) for page in part])

    async def put_passages(self, passages: Sequence[IndexedPassage]) -> None:
        """Insert or replace passages with their vectors."""
        async with self._writing() as collection:
            for part in _batches(passages):
                await self._client.upsert(collection, [_passage_point(item) for item in part])

    async def update_passages(self, passages: Sequence[Passage]) -> None:
        """Replace the record of passages that are there, keeping their vectors."""
        async with self._writing() as collection:
            for part in _batches(passages):
                operations = [_overwrite(passage) for passage in part]
                await self._client.batch_update_points(collection, operations)

    async def optimize(self) -> None:
        """Leave that to the server, which does it by itself."""

    async def publish(self, manifest: Manifest) -> None:
        """Make the generation durable, switch readers to it atomically, drop old ones."""
        async with self._writing() as collection:
            if await self._collections.target() != self._base:
                raise IndexBusyError(self._collections.location)
            numbered = replace(
                manifest,
                generation=self._number,
                lexical=LEXICAL_TERMS,
                restricted=await count_restricted(self._client, collection),
            )
            await self._client.update_collection(
                collection, metadata={MANIFEST: manifest_payload(numbered)}
            )
            await self._switch_alias(collection)
            await self._clean(collection)
        await self._client.close()

    async def abandon(self) -> None:
        """Throw the unpublished generation away; nothing to do after `publish`."""
        with CancelScope(shield=True):
            try:
                with engine_errors():
                    # A switch whose answer was lost may have been made all the same.
                    if self._collection not in {None, await self._collections.target()}:
                        await self._client.delete_collection(self._collection)
            finally:
                self._collection = None
                await self._client.close()

    @property
    def _readable(self) -> str | None:
        return self._to_copy or self._collection

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[str]:
        """Yield the next generation's collection, made when it is first needed."""
        with engine_errors():
            try:
                if self._collection is None:
                    self._collection = await self._create()
                if self._to_copy is not None:
                    await self._copy(self._to_copy, self._collection)
                    self._to_copy = None
                yield self._collection
            except UnexpectedResponse as error:
                if error.status_code == _NOT_FOUND:
                    # An ingest that published meanwhile has removed the collection.
                    raise IndexBusyError(self._collections.location) from error
                raise

    async def _create(self) -> str:
        taken = await self._collections.numbered()
        self._number, name = self._collections.next_name(list(taken.values()))
        dense = models.VectorParams(size=self._dimension, distance=models.Distance.DOT)
        try:
            await self._client.create_collection(
                name,
                vectors_config={DENSE: dense} if self._dimension else {},
                sparse_vectors_config={
                    LEXICAL: models.SparseVectorParams(modifier=models.Modifier.IDF)
                },
            )
        except UnexpectedResponse as error:
            # Nobody else draws this name: it was made by a request whose answer was lost.
            if error.status_code != _CONFLICT:
                raise
        for field in INDEXED_FIELDS:
            await self._client.create_payload_index(
                name, field, field_schema=models.PayloadSchemaType.KEYWORD
            )
        return name

    async def _copy(self, source: str, target: str) -> None:
        async for records in scroll(self._client, source, None, payload=True, vectors=True):
            points = [
                models.PointStruct(
                    id=record.id, vector=_as_input(record.vector), payload=record.payload
                )
                for record in records
            ]
            if points:
                await self._client.upsert(target, points)

    async def _switch_alias(self, collection: str) -> None:
        name = self._collections.name
        operations: list[models.AliasOperations] = []
        if self._base is not None:
            old = models.DeleteAlias(alias_name=name)
            operations.append(models.DeleteAliasOperation(delete_alias=old))
        new = models.CreateAlias(collection_name=collection, alias_name=name)
        operations.append(models.CreateAliasOperation(create_alias=new))
        await self._client.update_collection_aliases(operations)
        self._collection = None

    async def _clean(self, published: str) -> None:
        """Remove generations beyond those kept, and what crashed runs left."""
        numbered = await self._collections.numbered()
        older = self._keep_generations - (self._base is not None)
        for name in sorted(numbered, key=numbered.__getitem__, reverse=True):
            if numbered[name] > self._number or name in {published, self._base}:
                continue
            if older > 0 and await self._collections.is_finished(name):
                older -= 1
            else:
                await self._client.delete_collection(name)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def _page_point(page: Page) -> models.PointStruct:
    return models.PointStruct(id=page_point_id(page.path), vector={}, payload=page_payload(page))


def _passage_point(item: IndexedPassage) -> models.PointStruct:
    sparse = models.SparseVector(indices=item.terms.indices, values=item.terms.values)
    return models.PointStruct(
        id=item.passage.id,
        vector={DENSE: item.vector, LEXICAL: sparse} if item.vector else {LEXICAL: sparse},
        payload=passage_payload(item.passage),
    )


def _overwrite(passage: Passage) -> models.OverwritePayloadOperation:
    payload = models.SetPayload(payload=passage_payload(passage), points=[passage.id])
    return models.OverwritePayloadOperation(overwrite_payload=payload)


def _as_input(vector: Any) -> Any:
    """Return a stored point's vectors to be stored again; a page has none."""
    return vector or {}
