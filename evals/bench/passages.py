"""What is compared of a library that cuts pages: its passages and its index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from store.ports import Embedder

Pages = Sequence[tuple[str, str]]
"""Paths and texts."""


@dataclass(frozen=True, slots=True)
class CutPassage:
    """A passage as one library made it; `headings` are those that it is said to stand under."""

    path: str
    text: str
    headings: tuple[str, ...] = ()


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
