"""The end of an answer, held back until its citations are checked so that it can be left out.

Only with the setting that drops what is not supported: a sentence at a time is late for readers who
could have it word by word.
"""

import re

from server.answer.support import claim_before

_STOPS = ".!?。！？"
_ENDS = frozenset(f"{_STOPS}\n")
_WORD_BEGINS = re.compile(r"(?<![^\W\d_])[^\W\d_]")
_ITEM = re.compile(r"(?:\A|\n)[ \t>]*(?:[-*+]|\d{1,3}[.)])[ \t]+\Z")
_ROW = re.compile(r"(?:\A|\n)[ \t>]*\|[^\n]*\Z")


class HeldSentence:
    """Text that is not shown yet: the last sentence, with what begins its list item.

    What is held does not depend on how the text was cut: it is looked at where words begin.
    """

    def __init__(self) -> None:
        self.text = ""
        self._last = ""
        self._left_out: tuple[str, ...] = ()

    def add(self, text: str) -> str:
        """Take more text, and return what is before its last sentence."""
        text = self._without_left_out(text)
        shown = ""
        taken = len(self._last)
        joined = self._last + text
        for word in _WORD_BEGINS.finditer(joined, taken):
            self.text += joined[taken : word.end()]
            taken = word.end()
            start = self._last_sentence()
            shown, self.text = shown + self.text[:start], self.text[start:]
        self.text += joined[taken:]
        self._last = joined[-1:]
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
        self.text = kept
        # What ended the sentence goes with it, and so do the spaces if nothing is in front of them.
        self._left_out = (_STOPS,) if kept else (_STOPS, " ")
        return True

    def _without_left_out(self, text: str) -> str:
        while text and self._left_out:
            text = text.lstrip(self._left_out[0])
            if text:
                self._left_out = self._left_out[1:]
        return text

    def _last_sentence(self) -> int:
        written = self.text.rstrip()
        sentence = claim_before(written, 0, len(written))
        if written.endswith(("```", "~~~")) or not written.endswith(sentence):
            return len(self.text)
        start = len(written) - len(sentence)
        item = _ITEM.search(written[:start])
        return item.start() if item else start
