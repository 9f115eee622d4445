"""Find in the index what another tool names by an address or by its text."""

from collections.abc import Iterable, Iterator, Sequence

from evals.answer_metrics import words
from evals.imports.drafts import Draft
from store.ports import PassageIndex
from store.records import Page, Passage

_SHINGLE = 3
# Less of a text than this in common is no proof that it is from there.
_LEAST_SHARED = 0.5

Place = dict[str, str]


class Locator:
    """Knows the addresses and texts of an index."""

    def __init__(self, pages: Iterable[Page], passages: Iterable[Passage]) -> None:
        self._paths = {page.url: page.path for page in pages}
        self._texts = [(passage, _shingles(passage.text)) for passage in passages]

    @classmethod
    async def of(cls, index: PassageIndex) -> "Locator":
        """Read everything that an index has."""
        pages = await index.pages()
        return cls(pages, [found for page in pages for found in await index.passages(page.path)])

    def locate(self, draft: Draft) -> list[Place]:
        """Return where the answer is, or [] when a page or text of it isn't in the index."""
        places = [self._by_url(url) for url in draft.urls]
        places += [self._by_text(text) for text in draft.contexts]
        found = [place for place in places if place]
        return list(_distinct(found)) if len(found) == len(places) else []

    def _by_url(self, url: str) -> Place | None:
        address, _, anchor = url.partition("#")
        path = self._paths.get(address)
        if path is None:
            return None
        return {"path": path, "anchor": anchor} if anchor else {"path": path}

    def _by_text(self, text: str) -> Place | None:
        wanted = _shingles(text)
        best, score = None, 0.0
        for passage, shingles in self._texts:
            # Their chunks are longer or shorter than our passages.
            smaller = min(len(wanted), len(shingles))
            shared = len(wanted & shingles) / smaller if smaller else 0.0
            if shared > score:
                best, score = passage, shared
        if best is None or score < _LEAST_SHARED:
            return None
        return {"path": best.path, "anchor": best.anchor} if best.anchor else {"path": best.path}


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    found = words(text)
    count = max(1, len(found) - _SHINGLE + 1)
    return frozenset(tuple(found[start : start + _SHINGLE]) for start in range(count) if found)


def _distinct(places: Sequence[Place]) -> Iterator[Place]:
    seen = []
    for place in places:
        if place not in seen:
            seen.append(place)
            yield place
