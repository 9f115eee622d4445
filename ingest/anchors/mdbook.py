"""Anchors as mdBook makes them."""

from ingest.anchors.counting import CountingSlugger


def mdbook_slug(text: str) -> str:
    """Turn a heading's plain text into mdBook's anchor, duplicates aside."""
    return "".join(filter(None, map(_slug_character, text.strip())))


def mdbook_slugger() -> CountingSlugger:
    """Return the rule of mdBook."""
    return CountingSlugger(mdbook_slug)


def _slug_character(character: str) -> str:
    if character.isalnum() or character in "_-":
        return character.lower() if character.isascii() else character
    return "-" if character.isspace() else ""
