"""reStructuredText, with what Sphinx adds, by way of Markdown."""

from ingest.readers.rst.reader import read_rst

__all__ = ["read_rst"]
