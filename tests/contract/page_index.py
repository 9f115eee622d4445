"""An index that holds pages and nothing else: all that the docs site reads."""

from collections.abc import Sequence
from dataclasses import replace

from store.ports import Vector
from store.records import Manifest, Page, Passage, Scope, ScoredPassage, Section


class PageIndex:
    """A `PassageIndex` of pages alone; `publish` replaces them by a newer generation."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = {page.path: page for page in pages}
        self._generation = 1

    def publish(self, pages: Sequence[Page]) -> None:
        self._pages = {page.path: page for page in pages}
        self._generation += 1

    @property
    def manifest(self) -> Manifest:
        return Manifest(
            generation=self._generation,
            embedder="none",
            dimension=1,
            chunker="none",
            docs="docs",
            base_url="/docs/",
            pages=len(self._pages),
            passages=0,
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
        raise NotImplementedError

    async def pages(self) -> list[Page]:
        return [replace(page, text="") for _, page in sorted(self._pages.items())]

    async def page(self, path: str) -> Page | None:
        return self._pages.get(path)

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        raise NotImplementedError

    async def close(self) -> None:
        pass


def page(
    path: str,
    text: str,
    *,
    title: str = "Page",
    url: str = "",
    anchors: dict[int, tuple[int, str, str]] | None = None,
) -> Page:
    """Make a page; `anchors` maps a heading's line to its level, text and anchor."""
    sections = tuple(
        Section(heading=heading, level=level, anchor=anchor, line=line, heading_path=(heading,))
        for line, (level, heading, anchor) in sorted((anchors or {}).items())
    )
    return Page(
        path=path,
        title=title,
        url=url or f"/docs/{path.removesuffix('.md')}",
        content_hash="0" * 64,
        sections=sections,
        text=text,
    )
