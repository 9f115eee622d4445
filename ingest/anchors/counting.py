"""How most generators tell equal headings apart: by a number behind the anchor."""

from collections.abc import Callable

from ingest.anchors import AS_SHOWN, HeadingRules


class CountingSlugger:
    """Gives a slug that was there before `-1`, then `-2`.

    With `counts_explicit` ids that are written behind headings count as taken; most generators
    don't look at them.
    """

    def __init__(
        self,
        slug: Callable[[str], str],
        *,
        counts_explicit: bool = False,
        rules: HeadingRules = AS_SHOWN,
    ) -> None:
        self.rules = rules
        self._slug = slug
        self._counts_explicit = counts_explicit
        self._taken: dict[str, int] = {}

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        if self._counts_explicit:
            self._taken.setdefault(anchor, 0)

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text."""
        slug = anchor = self._slug(text)
        while anchor in self._taken:
            self._taken[slug] += 1
            anchor = f"{slug}-{self._taken[slug]}"
        self._taken[anchor] = 0
        return anchor
