"""Text that is too long for a passage, cut where it hurts least."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from ingest.budget import Cost, Room

Cut = Callable[[str], list[str]]

# The end of a sentence, unless what follows could be read as the start of a block.
_SENTENCE_END = re.compile(
    r"(?<=[.!?:])[\"')\]*_]{0,3}\s+(?=[^\s#>\-+*=~|\d:])|(?<=[。！？])(?=[^\s」』）])"
)
_BLANK_LINES = re.compile(r"(?<=\n)[ \t]*\n(?=[^\n])")
_LINE = re.compile(r"(?<=\n)")
_WORD = re.compile(r"(?<=\s)(?=[^\s#>\-+*=~|\d])")
_CELL = re.compile(r"(?<=[^\\]\|)")


def at_sentences(text: str) -> list[str]:
    """Cut behind sentences, never within a code span."""
    parts: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if text.count("`", start, end.end()) % 2 == 0:
            parts.append(text[start : end.end()])
            start = end.end()
    return [*parts, text[start:]]


def at_blank_lines(text: str) -> list[str]:
    """Cut behind blank lines."""
    return _split(_BLANK_LINES, text, keep=True)


def at_lines(text: str) -> list[str]:
    """Cut behind each line."""
    return _split(_LINE, text)


def at_cells(text: str) -> list[str]:
    """Cut a table's row behind each cell."""
    return _split(_CELL, text)


def at_words(text: str) -> list[str]:
    """Cut in front of words."""
    return _split(_WORD, text)


def in_half(text: str) -> list[str]:
    """Cut in the middle, when there is nothing better."""
    middle = len(text) // 2
    return [text[:middle], text[middle:]] if middle else [text]


PROSE: tuple[Cut, ...] = (at_sentences, at_lines, at_words, in_half)
CODE: tuple[Cut, ...] = (at_blank_lines, at_lines, at_words, in_half)
ROWS: tuple[Cut, ...] = (at_lines, at_cells, at_words, in_half)


def cut(text: str, room: Room, cuts: Sequence[Cut]) -> list[str]:
    """Cut `text` into the fewest parts that fit, by the first of `cuts` that is fine enough.

    The parts put together are the text.
    """
    if room.fits(text):
        return [text]
    parts = cuts[0](text)
    finer = cuts if cuts[0] is in_half else cuts[1:]
    if len(parts) == 1:
        return [text] if cuts[0] is in_half else cut(text, room, finer)
    merged: list[str] = []
    # What the last of `merged` costs, nearly: most parts needn't be measured together.
    cost = Cost(0, 0)
    for part in parts:
        share = room.share(part)
        together = Cost(cost.written + share.written, cost.embedded + share.embedded)
        if merged and (room.surely_fits(together) or room.fits(merged[-1] + part)):
            merged[-1] += part
            cost = together
        else:
            merged += cut(part, room, finer)
            cost = room.share(merged[-1])
    return merged


def _split(pattern: re.Pattern[str], text: str, *, keep: bool = False) -> list[str]:
    ends = [found.end() if keep else found.start() for found in pattern.finditer(text)]
    bounds = [0, *(end for end in ends if 0 < end < len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]
