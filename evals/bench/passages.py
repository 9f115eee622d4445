"""What is compared of what cuts pages: its passages and, of another library, its index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.chunking import Chunker
from ingest.site import Site
from store.ports import Embedder

Pages = Sequence[tuple[str, str]]
"""Paths and texts."""


@dataclass(frozen=True, slots=True)
class CutPassage:
    """A passage as one library made it; `headings` are those that it is said to stand under."""

    path: str
    text: str
    headings: tuple[str, ...] = ()


def cut_page(site: Site, chunker: Chunker, path: str, text: str) -> list[CutPassage]:
    """Cut one page as this project does."""
    document = site.read(path, text)
    passages = chunker.passages(path, site.url(path, document), document)
    return [CutPassage(path, passage.text, passage.heading_path) for passage in passages]


class Peer(Protocol):
    """Another library that makes passages of pages, and an index of passages.

    `budget` is what it is told to keep to, in tokens of cl100k_base.
    """

    name: str
    budget: int

    def split(self, pages: Pages) -> list[CutPassage]:
        """Cut the pages into passages."""
        ...

    def index(self, pages: Pages, embedder: Embedder) -> None:
        """Cut the pages, embed the passages and put them into the library's index."""
        ...
