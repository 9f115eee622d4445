"""Anchors as GitHub makes them."""

import re
import unicodedata

from ingest.anchors.counting import CountingSlugger

# What isn't kept of most headings.
_ASCII_LEFT_OUT = re.compile(r"[^\w -]", re.ASCII)


def github_slug(text: str) -> str:
    """Turn a heading's plain text into GitHub's anchor, duplicates aside."""
    text = text.strip().lower()
    kept = _ASCII_LEFT_OUT.sub("", text) if text.isascii() else "".join(filter(_is_kept, text))
    return kept.replace(" ", "-")


def github_slugger() -> CountingSlugger:
    """Return the rule of GitHub."""
    return CountingSlugger(github_slug, counts_explicit=True)


def _is_kept(character: str) -> bool:
    if character in "- ":
        return True
    category = unicodedata.category(character)
    # Letters and marks of any script, digits, and connectors such as the underscore.
    return category[0] in "LM" or category in {"Nd", "Pc"}
