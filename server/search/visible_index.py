"""The part of an index that one reader may read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from store.ports import PassageIndex, Vector
from store.records import Manifest, Page, Passage, Scope, ScoredPassage

R = TypeVar("R", Page, Passage)


class VisibleIndex:
    """A `PassageIndex` that has no other pages than those whose audience `reader` is one of.

    Whatever reads pages on a reader's behalf reads them through this.
    """

    def __init__(self, index: PassageIndex, reader: Scope) -> None:
        self._index = index
        self._reader = reader

    @property
    def manifest(self) -> Manifest:
        """The manifest of the generation that is being read."""
        return self._index.manifest

    async def search(
        self,
        *,
        text: str,
        vector: Vector,
        limit: int = 10,
        candidates: int = 50,
        scope: Scope | None = None,
    ) -> list[ScoredPassage]:
        """Rank the passages that the reader may read; the engine leaves the others out."""
        reader = self._reader
        return await self._index.search(
            text=text,
            vector=vector,
            limit=limit,
            candidates=candidates,
            scope=replace(scope or Scope(), roles=reader.roles, tenant=reader.tenant),
        )

    async def pages(self) -> list[Page]:
        """Return the pages that the reader may read."""
        return self._visible(await self._index.pages())

    async def page(self, path: str) -> Page | None:
        """Return one whole page; None also when the reader may not read it."""
        page = await self._index.page(path)
        return page if page is not None and self._reader.admits(page.audience) else None

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        """Return a page's passages; none when the reader may not read it."""
        return self._visible(await self._index.passages(path, anchor=anchor))

    async def close(self) -> None:
        """Release the engine."""
        await self._index.close()

    def _visible(self, records: Sequence[R]) -> list[R]:
        return [record for record in records if self._reader.admits(record.audience)]
