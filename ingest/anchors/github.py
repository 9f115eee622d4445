"""Anchors as GitHub makes them."""

import unicodedata

from ingest.anchors.counting import CountingSlugger


def github_slug(text: str) -> str:
    """Turn a heading's plain text into GitHub's anchor, duplicates aside."""
    return "".join(filter(_is_kept, text.strip().lower())).replace(" ", "-")


def github_slugger() -> CountingSlugger:
    """Return the rule of GitHub."""
    return CountingSlugger(github_slug, counts_explicit=True)


def _is_kept(character: str) -> bool:
    if character in "- ":
        return True
    category = unicodedata.category(character)
    # Letters and marks of any script, digits, and connectors such as the underscore.
    return category[0] in "LM" or category in {"Nd", "Pc"}
