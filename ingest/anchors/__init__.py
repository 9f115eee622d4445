"""The anchor that a site's generator gives a heading: one rule a module."""

from typing import Protocol


class Slugger(Protocol):
    """Hands out the anchors of one page, in reading order."""

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        ...

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text."""
        ...
