"""One module a format: a file's text becomes a page with a section tree.

Readers of formats that need a library of their own are loaded when such a file is first read.
"""
# ruff: noqa: PLC0415

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ingest.anchors import Slugger
from ingest.document import Document
from ingest.readers.hugo import read_hugo
from ingest.readers.markdown import read_markdown
from ingest.readers.mdbook import read_mdbook
from ingest.readers.myst import read_myst
from ingest.readers.notebook import read_myst_notebook, read_notebook

Reader = Callable[[str, str, Slugger], Document]
"""Reads a file of the given path and text, with the slugger of its site's generator."""

Readers = Mapping[str, Reader]
"""Readers by suffix."""


def _read_rst(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.rst import read_rst

    return read_rst(path, text, slugger)


def _read_html(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.html import read_html

    return read_html(path, text, slugger)


NOTEBOOK: Readers = MappingProxyType({".ipynb": read_notebook})
MYST_NOTEBOOK: Readers = MappingProxyType({".ipynb": read_myst_notebook})
HUGO: Readers = MappingProxyType({".md": read_hugo, ".markdown": read_hugo})
MDBOOK: Readers = MappingProxyType({".md": read_mdbook})
MYST: Readers = MappingProxyType({".md": read_myst, ".myst": read_myst})
MARKDOWN: Readers = MappingProxyType(
    {".md": read_markdown, ".markdown": read_markdown, ".mdx": read_markdown}
)
RST: Readers = MappingProxyType({".rst": _read_rst})
# Sphinx' suffixes are configurable, and `.txt` is an old habit.
RST_TEXT: Readers = MappingProxyType({".txt": _read_rst})
HTML: Readers = MappingProxyType({".html": _read_html, ".htm": _read_html})
