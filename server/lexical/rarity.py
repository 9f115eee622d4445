"""How rare a word is in general, which says how much it tells about a question's subject."""

import math
import re
from base64 import b64encode
from bisect import bisect_left
from functools import cache, lru_cache

from store.embedders.bundled import BundledFile, read_checked

# Merges of a byte-pair encoding are learnt in the order of frequency, so the number of a word's
# token is its rank in a very large mixture of prose and code. Words up to the first rank are in
# every text; a word without a token of its own is as rare as the last.
_FIRST_RANK = 500
_LAST_RANK = 100_000
_LEAST = 0.05

# cl100k_base, as the package of its encoder has it on disk. The encoder would take several times
# the memory, for more than is asked here.
_TOKENS = BundledFile(
    package="tiktoken_ext",
    parts=("data", "cl100k_base.tiktoken"),
    sha256="223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
)
_WORDS_KEPT = 10_000


def rarity(word: str) -> float:
    """Return a number from 0.05 (in every text) to 1 (hardly anywhere) for a lower-case word."""
    span = math.log(_LAST_RANK / _FIRST_RANK)
    return min(1.0, max(_LEAST, math.log((_rank(word) + 1) / _FIRST_RANK) / span))


@lru_cache(maxsize=_WORDS_KEPT)
def _rank(word: str) -> int:
    """Return the rank of a word's most frequent form."""
    lines = _lines()
    ranks = [_LAST_RANK]
    for form in (word, word.capitalize(), word.upper()):
        line = b64encode(f" {form}".encode()) + b" "
        at = bisect_left(lines, line)
        if at < len(lines) and lines[at].startswith(line):
            ranks.append(int(lines[at].removeprefix(line)))
    return min(ranks)


@cache
def _lines() -> list[bytes]:
    """Return the lines of tokens that begin a word, `base64 rank`, in the order of bytes."""
    content = read_checked(_TOKENS.locate(), _TOKENS)
    # What begins with a space begins with an I in base64.
    return sorted(re.findall(rb"^I.*$", content, re.MULTILINE))
