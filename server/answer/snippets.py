"""The few words of a passage that a Card shows."""

import re

from server.answer.hidden_text import visible_text
from server.lexical.coverage import coverage, word_weights
from server.lexical.terms import terms

_CHARACTERS = 180

_SENTENCE_END = re.compile(r"[.!?…:]\s+|[。！？]|\n+")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(
    r"(\*\*|__|`+|^#{1,6}\s+|^\s*[-*+]\s+|^\s*>\s?|^\s*\|?[-:| ]{3,}$)", re.MULTILINE
)


def snippet(text: str, *, about: str = "") -> str:
    """Return a part of a passage as plain text, cut at words, of 180 characters at most.

    It begins at the last sentence or line from which on most words of `about` are found, rarer
    ones counting more; at the text's beginning when none are.
    """
    visible = visible_text(text)
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(visible))]
    weights = word_weights(about)

    def found(start: int) -> float:
        return coverage(weights, frozenset(terms(visible[start : start + _CHARACTERS])))

    shares = {start: found(start) for start in starts}
    best = max(shares.values())
    start = max(start for start, share in shares.items() if share == best) if best else 0
    cut = _plain(visible[start:])
    return f"…{cut}" if start and cut else cut


def _plain(text: str) -> str:
    plain = _MARKUP.sub("", _LINK.sub(r"\1", _FENCE.sub("", text)))
    plain = " ".join(plain.replace("|", " ").split())
    if len(plain) <= _CHARACTERS:
        return plain
    return plain[:_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
