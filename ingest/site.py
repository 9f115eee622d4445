"""A docs folder as the site that is made of it: which reader a file gets, and which URL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from ingest.document import Document
from ingest.readers.markdown import read_markdown
from ingest.urls import DEFAULT_BASE_URL, page_url

Reader = Callable[[str, str], Document]

_READERS: Mapping[str, Reader] = MappingProxyType(
    {".md": read_markdown, ".markdown": read_markdown, ".mdx": read_markdown}
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a folder's pages are published."""

    base_url: str = DEFAULT_BASE_URL

    @property
    def suffixes(self) -> frozenset[str]:
        """The suffixes of files that are documents."""
        return frozenset(_READERS)

    def read(self, path: str, text: str) -> Document:
        """Read a document by its suffix."""
        return _READERS[PurePosixPath(path).suffix.lower()](path, text)

    def url(self, path: str) -> str:
        """Return the URL of the page that a document becomes."""
        return page_url(path, self.base_url)
