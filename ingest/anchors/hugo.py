"""Anchors as Hugo's Goldmark makes them (`autoHeadingIDType = "github"`, the default)."""

from ingest.anchors.counting import CountingSlugger


def hugo_slug(text: str) -> str:
    """Turn a heading's plain text into Hugo's anchor, duplicates aside; never empty."""
    kept = (_slug_character(character) for character in text.strip().lower())
    return "".join(kept) or "heading"


def hugo_slugger() -> CountingSlugger:
    """Return the rule of Hugo."""
    return CountingSlugger(hugo_slug)


def _slug_character(character: str) -> str:
    if character.isalnum() or character in "_-":
        return character
    return "-" if character == " " else ""
