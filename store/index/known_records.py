"""What was read of one generation, kept: nothing in a generation ever changes."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

from store.records import Page, Passage

# A passage takes about 2 kB, a page without its text 6 kB. The passages of sections are known by
# themselves, mostly.
_PASSAGES: Final = 4_096
_SECTIONS: Final = 1_024

K = TypeVar("K")
V = TypeVar("V")


class KnownRecords:
    """The pages of a generation, and those of its passages and sections that were used last.

    To ask the engine for them again takes longer than the search that finds them.
    """

    def __init__(self, *, passages: int = _PASSAGES, sections: int = _SECTIONS) -> None:
        self._pages: tuple[Page, ...] | None = None
        self._passages = _RecentlyUsed[str, Passage](passages)
        self._sections = _RecentlyUsed[tuple[str, str], tuple[Passage, ...]](sections)

    def pages(self) -> list[Page] | None:
        """Return all pages ordered by path, None when they are not known."""
        return None if self._pages is None else list(self._pages)

    def keep_pages(self, pages: Iterable[Page]) -> list[Page]:
        """Keep all pages, and return them."""
        self._pages = tuple(pages)
        return list(self._pages)

    def of(self, ids: Iterable[str]) -> dict[str, Passage]:
        """Return by their ids those passages that are known."""
        known = ((found, self._passages.get(found)) for found in ids)
        return {found: passage for found, passage in known if passage is not None}

    def keep(self, passages: Iterable[Passage]) -> dict[str, Passage]:
        """Keep passages that were read, and return them by their ids."""
        kept = {passage.id: passage for passage in passages}
        for found, passage in kept.items():
            self._passages.put(found, passage)
        return kept

    def section(self, path: str, anchor: str | None) -> list[Passage] | None:
        """Return a section's passages by position, None when it is not known, or a whole page."""
        passages = None if anchor is None else self._sections.get((path, anchor))
        return None if passages is None else list(passages)

    def keep_section(
        self, path: str, anchor: str | None, passages: Iterable[Passage]
    ) -> list[Passage]:
        """Keep a section that was read, but no whole page; return its passages by position."""
        ordered = sorted(passages, key=lambda passage: passage.position)
        if anchor is not None:
            # Passages that are known already take no more memory.
            known = self.of(passage.id for passage in ordered)
            ordered = [known.get(passage.id, passage) for passage in ordered]
            self._sections.put((path, anchor), tuple(ordered))
        return ordered


class _RecentlyUsed(Generic[K, V]):
    """A mapping that forgets what was not asked for longest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)
