"""Take out of a page what its readers don't see, so that the model does not see it either.

Text can be hidden from people and still be read by a model: in comments, in elements that are not
shown, in characters without a width, in a changed direction of writing. What is inside code stays,
because there it is shown.
"""

import re
from functools import lru_cache

# Each answer is handed several passages, shows some of them, and many answers have the same. What
# hides nothing is kept as it is, and takes no memory of its own.
_KNOWN_TEXTS = 1_024

# Spaces and joiners without a width, soft hyphens, marks of direction, and the "tags" of Unicode,
# which spell ASCII invisibly.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# These two join letters of some scripts and the parts of an emoji; between ASCII they hide text.
_JOINERS_AT_END = re.compile("[\u200c\u200d]*\\Z")
_JOINERS = re.compile("(?<=[\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f]|\\Z)")

_HIDDEN = re.compile(
    r"(?P<code>^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<!`)(?P<span>`+)(?!`)[^\n]+?(?<!`)(?P=span)(?!`))"
    r"|<!--.*?(?:-->|\Z)"
    r"|<(?P<element>script|style|template|noscript)\b[^>]*>.*?(?:</(?P=element)\s*>|\Z)"
    r"|<(?P<unseen>\w+)\b[^>]*?(?:\shidden\b|display\s*:\s*none|visibility\s*:\s*hidden"
    r"|font-size\s*:\s*0|opacity\s*:\s*0)[^>]*>.*?(?:</(?P=unseen)\s*>|\Z)"
    # How Markdown writes comments: MDX, and definitions that nothing refers to.
    r"|\{/\*.*?(?:\*/\}|\Z)"
    r"|^ {0,3}\[(?://|comment|_|#)\]:[^\n]*$",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)


@lru_cache(_KNOWN_TEXTS)
def visible_text(markdown: str) -> str:
    """Return a page's Markdown without comments, hidden elements and invisible characters."""
    shown = _HIDDEN.sub(lambda match: match["code"] or "", markdown)
    return without_invisible_characters(shown)


def without_invisible_characters(text: str) -> str:
    """Return a text without the characters that nobody sees."""
    if text.isascii():
        return text
    return _JOINERS.sub("", _INVISIBLE.sub("", text))


class VisibleText:
    """Leaves invisible characters out of streamed text, the same however it was cut."""

    def __init__(self) -> None:
        self._last = ""
        self._joiners = ""

    def feed(self, delta: str) -> str:
        """Take the next part of the text and return what is seen of it.

        Joiners at its end are held back: they stay if what follows is joined by them.
        """
        if delta.isascii() and not self._joiners:
            self._last = delta[-1:] or self._last
            return delta
        seen = self._joiners + _INVISIBLE.sub("", delta)
        kept = _JOINERS_AT_END.sub("", seen)
        self._joiners = seen[len(kept) :]
        shown = _JOINERS.sub("", self._last + kept)[len(self._last) :]
        self._last = kept[-1:] or self._last
        return shown
