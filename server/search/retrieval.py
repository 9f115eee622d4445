"""A question becomes ranked passages."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from server.errors import RetrievalUnavailable
from server.lexical.spelling import correct_spelling
from server.search.near_duplicates import without_near_duplicates
from server.search.ranking import rank_sections
from server.search.sections import whole_sections
from server.search.translations import without_translated
from server.search.visible_index import VisibleIndex
from store.errors import EmbedderUnavailableError, IndexUnavailableError
from store.ports import Embedder, PassageIndex
from store.records import Manifest, Page, Passage, Scope, ScoredPassage

CANDIDATES: Final = 40
"""Passages of each of the two searches; 40 to 200 were measured alike, 20 were too few."""

_WHOLE_DOCS: Final = Scope()


class Retriever:
    """Searches by words and by meaning, and ranks the sections that were found.

    It finds and reads what `reader` may read; without one, what everyone may.
    """

    def __init__(
        self, embedder: Embedder, index: PassageIndex, *, reader: Scope = _WHOLE_DOCS
    ) -> None:
        self._embedder = embedder
        self._whole_index = index
        self._index = VisibleIndex(index, reader)

    def visible_to(self, reader: Scope) -> "Retriever":
        """Return a retriever of what a reader may read; only roles and tenant count."""
        return Retriever(self._embedder, self._whole_index, reader=reader)

    @property
    def manifest(self) -> Manifest:
        """What the index that is searched was made with."""
        return self._index.manifest

    async def pages(self) -> list[Page]:
        """Return every page that the reader may read, without its text.

        Raises `RetrievalUnavailable` when the vector engine fails.
        """
        try:
            return await self._index.pages()
        except IndexUnavailableError as error:
            raise RetrievalUnavailable(str(error)) from error

    async def search(
        self, query: str, *, limit: int = 20, scope: Scope | None = None
    ) -> list[ScoredPassage]:
        """Return the best passage of each of the `limit` best sections, best first.

        A version or locale that nothing found is of, such as one that is not indexed, is no scope:
        all of the docs are searched then. Of a page that was found in several languages, the
        reader's own is kept. A question with a word that is misspelled, by what was found, is
        searched again as it is meant. Raises `RetrievalUnavailable` when the embedder or the
        vector engine fails.
        """
        query = " ".join(query.split())
        if not query:
            return []
        scope = scope or _WHOLE_DOCS
        found = await self._search(query, limit, scope)
        meant = correct_spelling(query, (_written(scored.passage) for scored in found))
        return found if meant == query else await self._search(meant, limit, scope)

    async def _search(self, query: str, limit: int, scope: Scope) -> list[ScoredPassage]:
        candidates = max(CANDIDATES, limit)
        try:
            [vector] = await self._embedder.embed([query], kind="query")
            search = partial(
                self._index.search,
                text=query,
                vector=vector,
                limit=2 * candidates,
                candidates=candidates,
            )
            found = await search(scope=scope)
            filtered = scope.version or scope.locale
            if filtered and not any(_is_of(scope, scored.passage) for scored in found):
                found = await search()
        except (EmbedderUnavailableError, IndexUnavailableError) as error:
            raise RetrievalUnavailable(str(error)) from error
        ranked = rank_sections(query, found, reading=scope.page)
        if scope.locale:
            ranked = without_translated(ranked, locale=scope.locale)
        return without_near_duplicates(ranked, limit=limit)

    async def read(self, found: Sequence[Passage], *, budget_tokens: int) -> list[Passage]:
        """Return the sections of found passages, best first, whole as far as the budget goes.

        Raises `RetrievalUnavailable` when the vector engine fails.
        """
        try:
            return await whole_sections(self._index, found, budget_tokens=budget_tokens)
        except IndexUnavailableError as error:
            raise RetrievalUnavailable(str(error)) from error

    async def passages(self, path: str, anchor: str | None = None) -> list[Passage]:
        """Return a page's passages in order, or those of one section.

        Raises `RetrievalUnavailable` when the vector engine fails.
        """
        try:
            return await self._index.passages(path, anchor=anchor)
        except IndexUnavailableError as error:
            raise RetrievalUnavailable(str(error)) from error


def _is_of(scope: Scope, passage: Passage) -> bool:
    if scope.locale and passage.locale not in scope.locales:
        return False
    return scope.version in {"", passage.version}


def _written(passage: Passage) -> str:
    return "\n".join((passage.title, *passage.heading_path, passage.text))
