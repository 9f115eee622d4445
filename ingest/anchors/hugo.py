"""Anchors as Hugo's Goldmark makes them (`autoHeadingIDType = "github"`, the default)."""

import re
import unicodedata
from collections.abc import Callable

from ingest.anchors import HeadingRules
from ingest.anchors.counting import CountingSlugger


def hugo_slug(text: str) -> str:
    """Turn a heading's plain text into Hugo's anchor, duplicates aside; never empty."""
    return "".join(map(_slug_character, text.strip())) or "heading"


def hugo_ascii_slug(text: str) -> str:
    """Turn a heading's plain text into an anchor of `github-ascii`: accents are taken off."""
    plain = unicodedata.normalize("NFD", text.strip()).encode("ascii", "ignore").decode()
    return "".join(map(_slug_character, plain)) or "heading"


def blackfriday_slug(text: str) -> str:
    """Turn a heading's plain text into an anchor of `blackfriday`: one hyphen for all else."""
    return "-".join(re.findall(r"[^\W_]+", text)).lower() or "heading"


class HugoSlugger(CountingSlugger):
    """Gives no anchor to a heading without text of its own, such as an address alone."""

    def __init__(self, slug: Callable[[str], str] = hugo_slug) -> None:
        rules = HeadingRules(smart=True, image_text=True, bare_links=False)
        super().__init__(slug, rules=rules)

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text."""
        return super().anchor(text) if text else ""


def _slug_character(character: str) -> str:
    if character == " ":
        return "-"
    if character in "_-":
        return character
    # Letters and digits alone: neither the marks of Indic scripts nor fractions. Each is made
    # lower by itself, so a sigma at the end stays one.
    category = unicodedata.category(character)
    return character.lower()[0] if category[0] == "L" or category == "Nd" else ""
