"""Ids as docutils makes them, for Sphinx."""

import re
import unicodedata
from collections.abc import Iterable

from ingest.anchors import AS_SHOWN, HeadingRules

# Letters that have no decomposition into a letter and marks.
_LETTERS = str.maketrans(
    {
        "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ŧ": "t", "ƀ": "b", "ƙ": "k",
        "ß": "sz", "æ": "ae", "œ": "oe",
    }
)  # fmt: skip
_NO_QUOTES = str.maketrans("", "", "\"'")
_START = re.compile(r"^[-0-9]+|-+$")


def docutils_id(text: str) -> str:
    """Turn a title into docutils' id; "" when nothing of it can be in one."""
    lower = " ".join(text.lower().translate(_LETTERS).split())
    ascii_text = unicodedata.normalize("NFKD", lower).encode("ascii", "ignore").decode()
    return _START.sub("", re.sub(r"[^a-z0-9]+", "-", ascii_text))


class DocutilsSlugger:
    """Gives a title whose id is taken, or that makes none, `id1`, then `id2`."""

    def __init__(self, rules: HeadingRules = AS_SHOWN, *, quotes: bool = True) -> None:
        """Without `quotes`, they are typographic by then, and of no id."""
        self.rules = rules
        self._quotes = quotes
        self._taken: set[str] = set()
        self._labelled: set[str] = set()
        self._last = 0

    def reserve(self, anchor: str) -> None:
        """Take an explicit id."""
        self._taken.add(anchor)

    def expect_labels(self, anchors: Iterable[str]) -> None:
        """Hear of titles under a label of their own name, by their ids.

        The label takes the id, and the title is given a number that no link needs.
        """
        self._labelled |= set(anchors)

    def anchor(self, text: str) -> str:
        """Return the next free id for a title's plain text."""
        anchor = docutils_id(text if self._quotes else text.translate(_NO_QUOTES))
        if anchor in self._labelled and anchor not in self._taken:
            self._labelled.discard(anchor)
            self._number()
        elif not anchor or anchor in self._taken:
            anchor = self._number()
        self._taken.add(anchor)
        return anchor

    def _number(self) -> str:
        self._last += 1
        while f"id{self._last}" in self._taken:
            self._last += 1
        self._taken.add(f"id{self._last}")
        return f"id{self._last}"
