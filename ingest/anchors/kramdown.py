"""Anchors as kramdown makes them for GitHub's Markdown, for Jekyll."""

from collections import Counter

from ingest.anchors import HeadingRules
from ingest.anchors.github import github_slug


class KramdownSlugger:
    """Counts equal slugs, whatever else is called so."""

    rules = HeadingRules(smart=True)

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def reserve(self, anchor: str) -> None:
        """Take an explicit id, which counts for nothing."""

    def anchor(self, text: str) -> str:
        """Return the anchor for a heading's plain text."""
        slug = github_slug(text.replace("\t", " "))
        self._seen[slug] += 1
        count = self._seen[slug] - 1
        return f"{slug}-{count}" if count else slug
