"""Read the index on a Qdrant server or cluster."""

import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Self

import anyio
from qdrant_client import models

from store.errors import IndexCorruptError, IndexMismatchError, IndexMissingError
from store.index.hybrid import Hit, VectorQuery, hybrid_search
from store.index.known_records import KnownRecords
from store.index.manifests import check_manifest
from store.index.payloads import (
    DENSE,
    LEXICAL,
    PASSAGE,
    page_of,
    page_point_id,
    passage_of,
)
from store.index.qdrant_collections import (
    Collections,
    Published,
    engine_errors,
    read_hashes,
    read_pages,
    scroll,
    where,
    within,
)
from store.ports import Embedder, Vector
from store.records import Ledger, Manifest, Page, Passage, Scope, ScoredPassage, TermWeights

logger = logging.getLogger(__name__)

FOLLOW_SECONDS: Final = 1.0
"""How long a reader goes on before it looks where the alias leads."""


@dataclass(frozen=True, slots=True)
class _OpenGeneration:
    """What is published, and what was read of it."""

    published: Published
    known: KnownRecords = field(default_factory=KnownRecords)

    @property
    def collection(self) -> str:
        return self.published.collection

    @property
    def manifest(self) -> Manifest:
        return self.published.manifest


class QdrantIndex:
    """A `PassageIndex` over the collection that an alias leads to.

    Calls name the collection itself, so that the parts of one answer come from one generation. A
    newer generation that can't be used is logged, and the older one is read on.
    """

    def __init__(
        self,
        collections: Collections,
        embedder: Embedder,
        published: Published,
        *,
        follow_seconds: float = FOLLOW_SECONDS,
    ) -> None:
        self._collections = collections
        self._client = collections.client
        self._embedder = embedder
        self._current = _OpenGeneration(published)
        self._refused: str | None = None
        self._follow_seconds = follow_seconds
        self._followed_at = time.monotonic()
        self._following = anyio.Lock()

    @classmethod
    async def open(
        cls,
        collections: Collections,
        embedder: Embedder,
        *,
        follow_seconds: float = FOLLOW_SECONDS,
    ) -> Self:
        """Open the published generation; the client is closed with the index.

        Raises `IndexMissingError`, `IndexMismatchError`, `IndexCorruptError`, or `SettingsError`
        when the server can't be used.
        """
        with collections.opening():
            published = await collections.published()
        if published is None:
            raise IndexMissingError(collections.location)
        check_manifest(published.manifest, embedder)
        return cls(collections, embedder, published, follow_seconds=follow_seconds)

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
            return await hybrid_search(
                lambda queries: self._run(opened.collection, queries, readable),
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
            return opened.known.keep_pages(await read_pages(self._client, opened.collection))

    async def page(self, path: str) -> Page | None:
        """Return one whole page, or None when the index has no such path."""
        async with self._reading() as opened:
            records = await self._client.retrieve(opened.collection, [page_point_id(path)])
        return page_of(records[0].payload or {}) if records else None

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        """Return a page's passages by position; with `anchor`, those of that section alone."""
        section = {} if anchor is None else {"anchor": anchor}
        matching = where(kind=PASSAGE, path=path, **section)
        async with self._reading() as opened:
            known = opened.known.section(path, anchor)
            if known is not None:
                return known
            found = [
                passage_of(str(record.id), record.payload or {})
                async for records in scroll(self._client, opened.collection, matching, payload=True)
                for record in records
            ]
            return opened.known.keep_section(path, anchor, found)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _run(
        self, collection: str, queries: Sequence[VectorQuery], readable: models.Filter | None
    ) -> list[list[Hit]]:
        responses = await self._client.query_batch_points(
            collection,
            [
                models.QueryRequest(
                    query=models.NearestQuery(nearest=_nearest(query.vector)),
                    using=LEXICAL if isinstance(query.vector, TermWeights) else DENSE,
                    limit=query.limit,
                    filter=models.Filter(must=[models.HasIdCondition(has_id=list(query.ids))])
                    if query.ids
                    else readable,
                    with_payload=query.with_payload,
                )
                for query in queries
            ],
        )
        return [
            [Hit(str(point.id), point.score, point.payload or {}) for point in response.points]
            for response in responses
        ]

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[_OpenGeneration]:
        with engine_errors():
            await self._follow_alias()
            yield self._current

    async def _follow_alias(self) -> None:
        if time.monotonic() - self._followed_at < self._follow_seconds:
            return
        try:
            self._following.acquire_nowait()
        except anyio.WouldBlock:
            return  # Another call is looking; this one need not wait for it.
        target: str | None = None
        try:
            self._followed_at = time.monotonic()
            target = await self._collections.target()
            if target in {None, self._current.collection, self._refused}:
                return
            published = await self._collections.published()
            if published is not None:
                check_manifest(published.manifest, self._embedder)
                self._current = _OpenGeneration(published)
                logger.info("Moved over to generation %d.", published.manifest.generation)
        except (IndexCorruptError, IndexMismatchError) as error:
            # It is told once, not at each call.
            self._refused = target
            logger.warning("Still reading generation %d: %s", self.manifest.generation, error)
        finally:
            self._following.release()


async def read_ledger(collections: Collections, embedder: Embedder) -> Ledger:
    """Return the ledger of the published generation; raises as `QdrantIndex.open` does."""
    with collections.opening():
        published = await collections.published()
        if published is None:
            raise IndexMissingError(collections.location)
        check_manifest(published.manifest, embedder)
        hashes = await read_hashes(collections.client, published.collection)
    return Ledger(published.manifest, hashes)


def _nearest(vector: Vector | TermWeights) -> Vector | models.SparseVector:
    if isinstance(vector, TermWeights):
        return models.SparseVector(indices=vector.indices, values=vector.values)
    return vector
