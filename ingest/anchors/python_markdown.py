"""Anchors as Python-Markdown's `toc` makes them, for MkDocs."""

import re
import unicodedata
from collections.abc import Callable

from ingest.anchors import AS_SHOWN

_NUMBERED = re.compile(r"(.*)_(\d+)")


def python_markdown_slug(text: str, *, separator: str = "-", keeps_unicode: bool = False) -> str:
    """Turn a heading's plain text into `toc`'s slug: by default, ASCII alone is kept."""
    if not keeps_unicode:
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^\w\s-]", "", text).strip().lower()
    return re.sub(rf"[{re.escape(separator)}\s]+", separator, words)


class PythonMarkdownSlugger:
    """Gives a slug that was there before `_1`, then `_2`; an empty one is `_1` at once."""

    rules = AS_SHOWN

    def __init__(self, slug: Callable[[str], str] = python_markdown_slug) -> None:
        self._slug = slug
        self._taken: set[str] = set()

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        self._taken.add(anchor)

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text."""
        anchor = self._slug(text)
        while not anchor or anchor in self._taken:
            numbered = _NUMBERED.fullmatch(anchor)
            anchor = f"{numbered[1]}_{int(numbered[2]) + 1}" if numbered else f"{anchor}_1"
        self._taken.add(anchor)
        return anchor
