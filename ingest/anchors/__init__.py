"""The anchor that a site's generator gives a heading: one rule a module."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HeadingRules:
    """What of a heading a generator makes its anchor from.

    `smart`: punctuation is typographic (`--` is a dash) instead of as written. `image_text`: with
    the text that stands for images. `bare_links`: with addresses that are links without markup.
    `entities`: `&amp;` is resolved instead of as written. `emoji_names`: with `:names:` of emoji,
    which others show as pictures. `bare_titles`: headings of the first
    level have no anchor on the site.
    """

    smart: bool = False
    image_text: bool = False
    bare_links: bool = True
    entities: bool = True
    emoji_names: bool = True
    bare_titles: bool = False


AS_SHOWN = HeadingRules()


class Slugger(Protocol):
    """Hands out the anchors of one page, in reading order."""

    @property
    def rules(self) -> HeadingRules:
        """What text of a heading is handed to `anchor`."""
        ...

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        ...

    def anchor(self, text: str) -> str:
        """Return the next free anchor for a heading's plain text, white space as written."""
        ...
