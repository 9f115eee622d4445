"""reStructuredText, with what Sphinx adds, by way of Markdown."""

from ingest.readers.rst.reader import embedded_rst, read_rst

__all__ = ["embedded_rst", "read_rst"]
