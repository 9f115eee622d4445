"""Read the index on a Qdrant server or cluster."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self

import anyio
from qdrant_client import models

from store.errors import IndexCorruptError, IndexMismatchError, IndexMissingError
from store.index.fusion import fuse
from store.index.lexical import query_terms
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
    read_pages,
    scroll,
    where,
    within,
)
from store.ports import Embedder, Vector
from store.records import Manifest, Page, Passage, Scope, ScoredPassage

logger = logging.getLogger(__name__)

FOLLOW_SECONDS: Final = 1.0
"""How long a reader goes on before it looks where the alias leads."""


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
        self._published = published
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
        return self._published.manifest

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
        queries: list[tuple[str, Vector | models.SparseVector]] = [(DENSE, vector)]
        terms = query_terms(text)
        if terms.indices:
            sparse = models.SparseVector(indices=terms.indices, values=terms.values)
            queries.append((LEXICAL, sparse))
        async with self._reading() as collection:
            readable = within(scope, restricted=self._published.manifest.restricted > 0)
            rankings = await self._query(
                collection,
                [
                    models.QueryRequest(
                        query=models.NearestQuery(nearest=query),
                        using=name,
                        limit=candidates,
                        filter=readable,
                    )
                    for name, query in queries
                ],
            )
            ids = sorted({str(point.id) for ranking in rankings for point in ranking})
            if not ids:
                return []
            # Each search has scored its own candidates only; fusing needs both scores of all.
            nearest, *matching = await self._query(
                collection,
                [
                    models.QueryRequest(
                        query=models.NearestQuery(nearest=query),
                        using=name,
                        limit=len(ids),
                        filter=models.Filter(must=[models.HasIdCondition(has_id=list(ids))]),
                        with_payload=name == DENSE,
                    )
                    for name, query in queries
                ],
            )
        return fuse(
            [(passage_of(str(point.id), point.payload or {}), point.score) for point in nearest],
            lexical={str(point.id): point.score for ranking in matching for point in ranking},
            limit=limit,
        )

    async def pages(self) -> list[Page]:
        """Return every page ordered by path, with `text` left empty."""
        async with self._reading() as collection:
            return await read_pages(self._client, collection)

    async def page(self, path: str) -> Page | None:
        """Return one whole page, or None when the index has no such path."""
        async with self._reading() as collection:
            records = await self._client.retrieve(collection, [page_point_id(path)])
        return page_of(records[0].payload or {}) if records else None

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        """Return a page's passages by position; with `anchor`, those of that section alone."""
        section = {} if anchor is None else {"anchor": anchor}
        matching = where(kind=PASSAGE, path=path, **section)
        async with self._reading() as collection:
            found = [
                passage_of(str(record.id), record.payload or {})
                async for records in scroll(self._client, collection, matching, payload=True)
                for record in records
            ]
        return sorted(found, key=lambda passage: passage.position)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _query(
        self, collection: str, requests: list[models.QueryRequest]
    ) -> list[list[models.ScoredPoint]]:
        responses = await self._client.query_batch_points(collection, requests)
        return [response.points for response in responses]

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[str]:
        with engine_errors():
            await self._follow_alias()
            yield self._published.collection

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
            if target in {None, self._published.collection, self._refused}:
                return
            published = await self._collections.published()
            if published is not None:
                check_manifest(published.manifest, self._embedder)
                self._published = published
                logger.info("Moved over to generation %d.", published.manifest.generation)
        except (IndexCorruptError, IndexMismatchError) as error:
            # It is told once, not at each call.
            self._refused = target
            logger.warning("Still reading generation %d: %s", self.manifest.generation, error)
        finally:
            self._following.release()
