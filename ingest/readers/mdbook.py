"""Markdown of mdBook: what its preprocessors and its Rust leave out is left out."""

import re
from collections.abc import Iterator

from ingest.anchors import Slugger
from ingest.document import Document
from ingest.readers.markdown import read_markdown

_RUST_FENCE = re.compile(r"[ \t>]*(?P<mark>`{3,}|~{3,})[ \t]*rust\b[^`]*")
# rustdoc compiles these lines and doesn't show them.
_HIDDEN = re.compile(r"[ \t]*#(?:[ \t].*)?")
_TITLE = re.compile(r"(?<!\\)\{\{\s*#title\b[^{}]*\}\}")
_ESCAPED = re.compile(r"\\(?=\{\{\s*#)")


def read_mdbook(path: str, source: str, slugger: Slugger) -> Document:
    """Read a chapter of a book; lines stay where they are."""
    return read_markdown(path, "\n".join(_shown(source.split("\n"))), slugger)


def _shown(lines: list[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        if fence:
            if line.strip().startswith(fence):
                fence = ""
            yield "" if fence and _HIDDEN.fullmatch(line) else line
        else:
            opening = _RUST_FENCE.fullmatch(line)
            fence = opening["mark"] if opening else ""
            yield _ESCAPED.sub("", _TITLE.sub("", line)) if "{{" in line else line
