"""The end of an answer, held back until its citations are checked so that it can be left out.

Only with the setting that drops what is not supported: a sentence at a time is late for readers who
could have it word by word.
"""

import re

from server.answer.support import claim_before

_ENDS = frozenset(".!?。！？\n")
_ITEM = re.compile(r"(?:\A|\n)[ \t>]*(?:[-*+]|\d{1,3}[.)])[ \t]+\Z")
_ROW = re.compile(r"(?:\A|\n)[ \t>]*\|[^\n]*\Z")


class HeldSentence:
    """Text that is not shown yet: the last sentence, with what begins its list item.

    `removed` counts the characters that were left out.
    """

    def __init__(self) -> None:
        self.text = ""
        self.removed = 0
        self._after_removal = False

    def add(self, text: str) -> str:
        """Take more text, and return what is before its last sentence."""
        if self._after_removal:
            kept = text.lstrip(".!?。！？")
            if kept and not self.text:
                kept = kept.lstrip(" ")
            self.removed += len(text) - len(kept)
            self._after_removal = not kept
            text = kept
        self.text += text
        start = self._last_sentence()
        shown, self.text = self.text[:start], self.text[start:]
        return shown

    def release(self) -> str:
        """Return all of it: it may be shown."""
        shown, self.text = self.text, ""
        return shown

    def remove(self, claim: str, *, following: str) -> bool:
        """Leave a claim out, if it ends its sentence; `following` is the character behind it.

        What is part of a table or of code, or goes on, stays.
        """
        written = self.text.rstrip()
        ends = following == "" or following in _ENDS
        if not claim or not ends or not written.endswith(claim) or _ROW.search(written):
            return False
        kept = written[: -len(claim)]
        if item := _ITEM.search(kept):
            kept = kept[: item.start()]
        self.removed += len(self.text) - len(kept)
        self.text = kept
        self._after_removal = True
        return True

    def _last_sentence(self) -> int:
        written = self.text.rstrip()
        sentence = claim_before(written, 0, len(written))
        if written.endswith(("```", "~~~")) or not written.endswith(sentence):
            return len(self.text)
        start = len(written) - len(sentence)
        item = _ITEM.search(written[:start])
        return item.start() if item else start
