"""Anchors as GitHub makes them; Docusaurus and many others use the same rule."""

import unicodedata


def github_slug(text: str) -> str:
    """Turn a heading's plain text into GitHub's anchor, duplicates aside."""
    return "".join(filter(_is_kept, text.strip().lower())).replace(" ", "-")


def _is_kept(character: str) -> bool:
    if character in "- ":
        return True
    category = unicodedata.category(character)
    # Letters and marks of any script, digits, and connectors such as the underscore.
    return category[0] in "LM" or category in {"Nd", "Pc"}


class GithubSlugger:
    """Hands out one page's anchors; a heading that was there before gets `-1`, then `-2`."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text."""
        slug = anchor = github_slug(text)
        while anchor in self._seen:
            self._seen[slug] += 1
            anchor = f"{slug}-{self._seen[slug]}"
        self._seen[anchor] = 0
        return anchor

    def reserve(self, anchor: str) -> None:
        """Take an explicit id, so that no heading after it gets the same."""
        self._seen.setdefault(anchor, 0)
