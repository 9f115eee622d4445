"""The anchor that a site's generator gives a heading: one rule a module."""

from typing import Protocol


class Slugger(Protocol):
    """Hands out the anchors of one page, in reading order.

    `smart` and `image_text` say what text of a heading is handed to `anchor`: with typographic
    punctuation (`--` is a dash) or as written; with or without what stands for images.
    """

    @property
    def smart(self) -> bool:
        """Whether punctuation is made typographic before the anchor is made."""
        ...

    @property
    def image_text(self) -> bool:
        """Whether the text that stands for an image is part of the anchor."""
        ...

    @property
    def bare_titles(self) -> bool:
        """Whether headings of the first level have no anchor on the site."""
        ...

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        ...

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text, white space as written."""
        ...
