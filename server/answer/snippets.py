"""The few words of a passage that a Card shows."""

import re
from functools import lru_cache

from server.answer.hidden_text import visible_text
from server.lexical.coverage import coverage, word_weights
from server.lexical.terms import placed_terms

_CHARACTERS = 180
# An answer's Card is made twice, and many answers have the same sections for the same question.
_KNOWN_SNIPPETS = 512

_SENTENCE_END = re.compile(r"[.!?…:]\s+|[。！？]|\n+")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(
    r"(\*\*|__|`+|^#{1,6}\s+|^\s*[-*+]\s+|^\s*>\s?|^\s*\|?[-:| ]{3,}$)", re.MULTILINE
)


@lru_cache(_KNOWN_SNIPPETS)
def snippet(text: str, *, about: str = "") -> str:
    """Return a part of a passage as plain text, cut at words, of 180 characters at most.

    It begins at the last sentence or line from which on most words of `about` are found, rarer
    ones counting more; at the text's beginning when none are.
    """
    visible = visible_text(text)
    start = _best_start(visible, about)
    cut = _plain(visible[start:])
    return f"…{cut}" if start and cut else cut


def _best_start(text: str, about: str) -> int:
    weights = word_weights(about)
    places = [(place, term) for place, term in placed_terms(text) if term in weights]
    best, best_share = 0, 0.0
    for start in [0, *(match.end() for match in _SENTENCE_END.finditer(text))]:
        end = start + _CHARACTERS
        found = {term for place, term in places if start <= place < end}
        if found and (share := coverage(weights, found)) >= best_share:
            best, best_share = start, share
    return best


def _plain(text: str) -> str:
    plain = _MARKUP.sub("", _LINK.sub(r"\1", _FENCE.sub("", text)))
    plain = " ".join(plain.replace("|", " ").split())
    if len(plain) <= _CHARACTERS:
        return plain
    return plain[:_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
