"""One module a format: a file's text becomes a page with a section tree.

A reader is loaded when its first file is read: a run that finds nothing changed reads none.
"""
# ruff: noqa: PLC0415

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ingest.anchors import Slugger
from ingest.document import Document

Reader = Callable[[str, str, Slugger], Document]
"""Reads a file of the given path and text, with the slugger of its site's generator."""

Readers = Mapping[str, Reader]
"""Readers by suffix."""


def _read_markdown(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.markdown import read_markdown

    return read_markdown(path, text, slugger)


def _read_hugo(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.hugo import read_hugo

    return read_hugo(path, text, slugger)


def _read_jekyll(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.jekyll import read_jekyll

    return read_jekyll(path, text, slugger)


def _read_mdbook(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.mdbook import read_mdbook

    return read_mdbook(path, text, slugger)


def _read_docusaurus(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.docusaurus import read_docusaurus

    return read_docusaurus(path, text, slugger)


def _read_vitepress(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.vitepress import read_vitepress

    return read_vitepress(path, text, slugger)


def _read_myst(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.myst import read_myst

    return read_myst(path, text, slugger)


def _read_notebook(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.notebook import read_notebook

    return read_notebook(path, text, slugger)


def _read_myst_notebook(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.notebook import read_myst_notebook

    return read_myst_notebook(path, text, slugger)


def _read_rst(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.rst import read_rst

    return read_rst(path, text, slugger)


def _read_html(path: str, text: str, slugger: Slugger) -> Document:
    from ingest.readers.html import read_html

    return read_html(path, text, slugger)


NOTEBOOK: Readers = MappingProxyType({".ipynb": _read_notebook})
NBSPHINX: Readers = MappingProxyType({".ipynb": _read_notebook, ".md": _read_markdown})
MYST_NOTEBOOK: Readers = MappingProxyType({".ipynb": _read_myst_notebook})
HUGO: Readers = MappingProxyType({".md": _read_hugo, ".markdown": _read_hugo})
JEKYLL: Readers = MappingProxyType({".md": _read_jekyll, ".markdown": _read_jekyll})
MDBOOK: Readers = MappingProxyType({".md": _read_mdbook})
DOCUSAURUS: Readers = MappingProxyType({".md": _read_docusaurus, ".mdx": _read_docusaurus})
VITEPRESS: Readers = MappingProxyType({".md": _read_vitepress})
MYST: Readers = MappingProxyType({".md": _read_myst, ".myst": _read_myst})
MARKDOWN: Readers = MappingProxyType(
    {".md": _read_markdown, ".markdown": _read_markdown, ".mdx": _read_markdown}
)
RST: Readers = MappingProxyType({".rst": _read_rst})
# Sphinx' suffixes are configurable, and `.txt` is an old habit.
RST_TEXT: Readers = MappingProxyType({".txt": _read_rst})
HTML: Readers = MappingProxyType({".html": _read_html, ".htm": _read_html})
