"""Anchors as Python-Markdown's `toc` makes them, for MkDocs."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote

from ingest.anchors import AS_SHOWN

_CASED: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "none": str,
        "lower": str.lower,
        "fold": str.casefold,
        "lower-ascii": lambda text: re.sub("[A-Z]", lambda found: found[0].lower(), text),
    }
)

_NUMBERED = re.compile(r"(.*)_(\d+)")


def python_markdown_slug(text: str, *, separator: str = "-", keeps_unicode: bool = False) -> str:
    """Turn a heading's plain text into `toc`'s slug: by default, ASCII alone is kept."""
    if not keeps_unicode:
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^\w\s-]", "", text).strip().lower()
    return re.sub(rf"[{re.escape(separator)}\s]+", separator, words)


def pymdownx_slug(
    text: str,
    *,
    case: str = "none",
    encoded: bool = False,
    form: str = "NFC",
    separator: str = "-",
) -> str:
    """Turn a heading's plain text into a slug of `pymdownx.slugs`, whose options these are."""
    try:
        text = unicodedata.normalize(form, text)  # type: ignore[arg-type]  # It is checked there.
    except ValueError:
        text = unicodedata.normalize("NFC", text)
    # Python-Markdown hands over a title with single spaces.
    text = _CASED.get(case, str)(" ".join(text.split()))
    slug = re.sub(r"[^\w\- ]", "", text).replace(" ", separator)
    return quote(slug) if encoded else slug


class PythonMarkdownSlugger:
    """Gives a slug that was there before `_1`, then `_2`; an empty one is `_1` at once."""

    rules = AS_SHOWN

    def __init__(self, slug: Callable[[str], str] = python_markdown_slug) -> None:
        self._slug = slug
        self._taken: set[str] = set()
        # The last that was given for a slug: those in front of it are taken.
        self._last: dict[str, str] = {}

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        self._taken.add(anchor)

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text."""
        slug = self._slug(text)
        anchor = self._last.get(slug, slug)
        while not anchor or anchor in self._taken:
            numbered = _NUMBERED.fullmatch(anchor)
            anchor = f"{numbered[1]}_{int(numbered[2]) + 1}" if numbered else f"{anchor}_1"
        self._taken.add(anchor)
        self._last[slug] = anchor
        return anchor
