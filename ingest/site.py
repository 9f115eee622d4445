"""A docs folder as the site that is made of it: how its files are read, and their URLs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from ingest.anchors import Slugger
from ingest.detection import detect_generator, project_of
from ingest.document import Document
from ingest.generators import BUILT_HTML, SPHINX, Generator
from ingest.includes import Includes, may_include
from ingest.readers.markdown import read_markdown
from ingest.urls import page_url

Reader = Callable[[str, str, Slugger], Document]


def _read_rst(path: str, text: str, slugger: Slugger) -> Document:
    # docutils takes its time to load, and most folders need none of it.
    from ingest.readers.rst import read_rst  # noqa: PLC0415

    return read_rst(path, text, slugger)


def _read_html(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.html import read_html  # noqa: PLC0415

    return read_html(path, text, slugger)


_READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".md": read_markdown,
        ".markdown": read_markdown,
        ".mdx": read_markdown,
        ".rst": _read_rst,
    }
)
_HTML_READERS: Mapping[str, Reader] = MappingProxyType({".html": _read_html, ".htm": _read_html})
# Sphinx' suffixes are configurable, and `.txt` is an old habit.
_SPHINX_READERS: Mapping[str, Reader] = MappingProxyType({**_READERS, ".txt": _read_rst})


@dataclass(frozen=True, slots=True)
class Site:
    """A docs folder, its generator and where its pages are published."""

    docs: Path
    project: Path
    generator: Generator
    base_url: str

    @classmethod
    def of(cls, docs: Path, *, base_url: str, generator: Generator | None = None) -> "Site":
        """Look at `docs` for its project and, unless it is given, its generator."""
        docs = docs.resolve()
        project = project_of(docs)
        return cls(docs, project, generator or detect_generator(docs, project), base_url)

    @property
    def suffixes(self) -> frozenset[str]:
        """The suffixes of files that are documents."""
        return frozenset(self._readers)

    def included(self, path: str, content: bytes) -> bytes:
        """Return what a page includes from other files, to be hashed; b"" if it includes none."""
        if not may_include(content):
            return b""
        text = content.decode("utf-8", "replace")
        expanded = self._includes.expand(path, text).text
        return expanded.encode() if expanded != text else b""

    def read(self, path: str, text: str) -> Document:
        """Read a document with what it includes."""
        expanded = self._includes.expand(path, text)
        reader = self._readers[PurePosixPath(path).suffix.lower()]
        document = reader(path, expanded.text, self.generator.slugger())
        return replace(document, notices=(*expanded.notices, *document.notices))

    def url(self, path: str, document: Document) -> str:
        """Return the URL of the page that a document becomes."""
        page = PurePosixPath(path).with_suffix("").as_posix()
        return page_url(self.generator.address(page, document.fields), self.base_url)

    @property
    def _readers(self) -> Mapping[str, Reader]:
        if self.generator is BUILT_HTML:
            return _HTML_READERS
        return _SPHINX_READERS if self.generator is SPHINX else _READERS

    @property
    def _includes(self) -> Includes:
        return Includes(self.docs, self.project)
