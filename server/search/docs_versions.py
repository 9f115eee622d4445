"""Which versions the docs have, and which of them each page is of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.errors import RetrievalUnavailable
from server.search.addresses import page_address
from store.errors import IndexUnavailableError
from store.ports import PassageIndex


@dataclass(frozen=True, slots=True)
class DocsVersions:
    """The versions of one generation of the index; `by_page` has them by page and address."""

    by_page: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> frozenset[str]:
        """Every version that the docs are kept in."""
        return frozenset(self.by_page.values())

    def of_page(self, page: str) -> str:
        """Return the version of the page at a path or an address; "" when it is of none."""
        return self.by_page.get(page) or self.by_page.get(page_address(page), "")


class KnownVersions:
    """Knows the versions of the generation that is published."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        self._generation: int | None = None
        self._known = DocsVersions()

    async def current(self) -> DocsVersions:
        """Return the versions that there are now. Raises `RetrievalUnavailable`."""
        generation = self._index.manifest.generation
        if generation != self._generation:
            try:
                pages = [page for page in await self._index.pages() if page.version]
            except IndexUnavailableError as error:
                raise RetrievalUnavailable(str(error)) from error
            self._known = DocsVersions(
                {key: page.version for page in pages for key in (page.path, page_address(page.url))}
            )
            self._generation = generation
        return self._known
