"""Anchors as mdBook makes them."""

import unicodedata

from ingest.anchors import HeadingRules
from ingest.anchors.counting import CountingSlugger


def mdbook_slug(text: str) -> str:
    """Turn a heading's plain text into mdBook's anchor, duplicates aside."""
    return "".join(map(_slug_character, text.strip().lower()))


def mdbook_slugger() -> CountingSlugger:
    """Return the rule of mdBook."""
    return CountingSlugger(mdbook_slug, rules=HeadingRules(smart=True))


def _slug_character(character: str) -> str:
    if character.isspace():
        return "-"
    return character if character in "_-" or _is_alphanumeric(character) else ""


def _is_alphanumeric(character: str) -> bool:
    """Tell what Rust does: a vowel's sign is a letter, an accent or a virama is none."""
    is_mark = unicodedata.category(character)[0] == "M"
    return character.isalnum() or (is_mark and not unicodedata.combining(character))
