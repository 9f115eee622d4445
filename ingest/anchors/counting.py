"""How most generators tell equal headings apart: by a number behind the anchor."""

from collections.abc import Callable


class CountingSlugger:
    """Gives a slug that was there before `-1`, then `-2`; explicit ids count as taken."""

    def __init__(self, slug: Callable[[str], str]) -> None:
        self._slug = slug
        self._taken: dict[str, int] = {}

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        self._taken.setdefault(anchor, 0)

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text."""
        slug = anchor = self._slug(text)
        while anchor in self._taken:
            self._taken[slug] += 1
            anchor = f"{slug}-{self._taken[slug]}"
        self._taken[anchor] = 0
        return anchor
