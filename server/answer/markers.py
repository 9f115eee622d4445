"""The grammar of citation markers in streamed Markdown: what is a marker, and what is code.

Every function looks at the text from one position on and gives a match, `NO`, or `MORE` when the
answer depends on text that has not arrived. Answers never depend on how the text was cut: `MORE`
is given exactly while a longer text could change them, unless `final` says that none will come.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

# What is not decided within so many characters is taken for text, so that little is held back.
MAX_MARKER = 120
MAX_CODE_SPAN = 400
MAX_INFO_STRING = 200
MAX_LINE_PREFIX = 40
# A wider range is an interval that the docs speak of, such as [1-100].
MAX_RANGE = 20

BRACKETS: Final = "[【［"
PARENTHESES: Final = "(（"

_ITEM = r"[0-9]{1,3}(?:[ \t]*[-–—][ \t]*[0-9]{1,3})?(?:†[^\]】］,;，、\n]*)?"
_LIST = rf"[ \t]*(?:{_ITEM})(?:[ \t]*[,;，、][ \t]*(?:{_ITEM}))*[ \t]*"
_BRACKET = rf"(?:[\[【［]{_LIST}[\]】］]|\[\[{_LIST}\]\])"
_MARKER = re.compile(_BRACKET)
_PARENTHESISED = re.compile(
    rf"[(（][ \t]*{_BRACKET}(?:[ \t]*[,;，、]?[ \t]*{_BRACKET})*[ \t]*[)）]"
)
_MARKER_BEGINNING = re.compile(r"(?:[\[【［]|\[\[)[0-9 \t,;，、\-–—]*(?:†[^\]】］\n]*)?\]?\Z")
_PARENTHESISED_BEGINNING = re.compile(
    r"[(（](?:[0-9 \t,;，、\[\]【】［］\-–—]|†[^\]】］\n]*[\]】］])*(?:†[^\]】］\n]*)?\Z"
)
_NUMBERS = re.compile(r"([0-9]{1,3})(?:[ \t]*[-–—][ \t]*([0-9]{1,3}))?(?:†[^\]】］,;，、\n]*)?")
_INDEXED_FURTHER = re.compile(r"\.[A-Za-z_]|=")
_INDEXED_FURTHER_BEGINNING = re.compile(r"\.?\Z")

_FENCE_OPENING = re.compile(
    r"(?P<prefix>[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*)(?P<run>`{3,}|~{3,})(?P<info>[^\n]*)"
)
_FENCE_BEGINNING = re.compile(rf"[ \t>*+\-.)0-9]{{0,{MAX_LINE_PREFIX}}}(?:`*|~*)\Z")
# A code span ends with its paragraph at the latest: at a blank line or where another block starts.
_SPAN_EVENT = re.compile(
    r"(?P<boundary>\n(?:[ \t]*\n"
    r"|[ \t>]*(?:[-*+][ \t]|[0-9]{1,9}[.)][ \t]|#{1,6}[ \t]|\||`{3}|~{3})))"
    r"|(?P<run>`+)"
)


class Undecided(Enum):
    """What a look at the text gives when it is no match."""

    NO = "no"
    MORE = "more"


NO: Final = Undecided.NO
MORE: Final = Undecided.MORE
More = Literal[Undecided.MORE]


@dataclass(frozen=True, slots=True)
class Marker:
    """A citation marker that ends before `end`; `numbers` are in the order written.

    `(0,)` alone is the mark for what the docs don't say.
    """

    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """An opened code fence: its character, its length, and where its opening line ends."""

    character: str
    length: int
    end: int


def match_marker(
    text: str, start: int, *, final: bool, previous: str = "", line_start: bool = False
) -> Marker | Undecided:
    """Look for a citation marker, one bracket or a parenthesis of several, at `start`.

    `previous` is the character in front of it. Markdown links, link definitions (only at a
    `line_start`), task boxes, footnotes and what is plainly the index of an array are no markers.
    """
    parenthesised = text[start] in PARENTHESES
    match = (_PARENTHESISED if parenthesised else _MARKER).match(text, start)
    if match is None or match.end() - start > MAX_MARKER:
        beginning = _PARENTHESISED_BEGINNING if parenthesised else _MARKER_BEGINNING
        open_ended = len(text) - start <= MAX_MARKER and beginning.match(text, start)
        return MORE if open_ended and not final else NO
    end = match.end()
    if not final and end == len(text):
        return MORE
    if text.startswith("(", end) or (line_start and text.startswith(":", end)):
        return NO
    glued = previous.isascii() and (previous.isalnum() or previous == "_")
    if glued:
        if _INDEXED_FURTHER.match(text, end):
            return NO
        if not final and _INDEXED_FURTHER_BEGINNING.match(text, end):
            return MORE
    numbers = _read_numbers(match[0])
    if numbers is None or (0 in numbers and (glued or len(numbers) > 1)):
        return NO
    return Marker(end, numbers)


def match_fence_opening(text: str, start: int, *, final: bool) -> Fence | Undecided:
    """Look for a code fence at `start`, the beginning of a line; lists and quotes may hold it."""
    if not final and _FENCE_BEGINNING.match(text, start):
        return MORE
    match = _FENCE_OPENING.match(text, start)
    if match is None or len(match["prefix"]) > MAX_LINE_PREFIX:
        return NO
    run = match["run"]
    info = match["info"][:MAX_INFO_STRING]
    if run[0] == "`" and "`" in info:
        return NO
    if not final and match.end() == len(text) and len(info) < MAX_INFO_STRING:
        return MORE
    return Fence(run[0], len(run), match.start("info") + len(info))


def match_fence_closing(text: str, start: int, fence: Fence, *, final: bool) -> int | Undecided:
    """Look for the end of `fence` at `start`, the beginning of a line, and return where it ends.

    A marker behind a closing fence, which CommonMark would not let close, still closes it: it is
    taken out of the text, and the fence is then what the model meant.
    """
    character = re.escape(fence.character)
    match = re.compile(rf"[ \t>]*{character}{{{fence.length},}}[ \t]*").match(text, start)
    if len(match[0] if match else text[start:]) > MAX_MARKER:
        return NO
    if match is not None and match.end() < len(text):
        after = text[match.end()]
        if after == "\n":
            return match.end()
        if after not in BRACKETS:
            return NO
        following = match_marker(text, match.end(), final=final)
        return match.end() if isinstance(following, Marker) else following
    if final:
        return NO if match is None else match.end()
    beginning = re.compile(rf"[ \t>]*{character}*[ \t]*\Z").match(text, start)
    return MORE if beginning else NO


def match_code_span(text: str, start: int, *, final: bool) -> int | Undecided:
    """Return the end of the code span whose opening backticks are at `start`.

    `NO` says that they open nothing, because no equally long run follows in their paragraph.
    """
    length = count_run(text, start)
    begin = start + length
    if begin == len(text) and not final:
        return MORE
    for event in _SPAN_EVENT.finditer(text, begin):
        if event.start() - begin >= MAX_CODE_SPAN or event["boundary"]:
            return NO
        if event.end() == len(text) and not final:
            return MORE
        if len(event["run"]) == length:
            return event.end()
    return NO if final or len(text) - begin >= MAX_CODE_SPAN else MORE


def count_run(text: str, start: int) -> int:
    """Count how often the character at `start` is repeated."""
    end = start
    while end < len(text) and text[end] == text[start]:
        end += 1
    return end - start


def _read_numbers(marker: str) -> tuple[int, ...] | None:
    """Return the numbers of a marker with its ranges written out, or None for a wide range."""
    numbers: list[int] = []
    for first, last in _NUMBERS.findall(marker):
        low, high = sorted((int(first), int(last or first)))
        if high - low >= MAX_RANGE:
            return None
        numbers.extend(range(low, high + 1))
    return tuple(dict.fromkeys(numbers))
