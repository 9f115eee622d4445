"""Words as a lexical comparison wants them: identifiers split, endings cut, stop words left out."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+(?:[._-]+[^\W_]+)*")
_CONTRACTION = re.compile(r"\b(\w+)'(?:s|t|d|m|ll|re|ve)\b")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zà-öø-ÿ]+|\d+|[^\W\d_A-Za-zÀ-ÿ]+")
# Scripts written without spaces are compared by pairs of characters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")

# Texts repeat their words, and each answer compares the same passages many times.
_KNOWN_WORDS = 20_000


@cache
def stop_words() -> frozenset[str]:
    """Return the words that say nothing about what a text is about."""
    lines = files(__package__).joinpath("stop_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def terms(text: str) -> list[str]:
    """Return the stemmed content words of a text in order, with repeats.

    An identifier gives its parts and, joined, itself: `create_engine` is `creat`, `engin` and
    `createengine`.
    """
    return [term for term, _ in terms_with_words(text)]


def terms_with_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each term of a text together with the word, in lower case, that it comes from."""
    plain = _CONTRACTION.sub(_without_ending, text.replace("’", "'"))
    for written in _WORD.findall(plain):
        yield from _terms_of(written)


def placed_terms(text: str) -> Iterator[tuple[int, str]]:
    """Yield each term of a text with the place of the word that it comes from."""
    plain = _CONTRACTION.sub(
        lambda match: _without_ending(match).ljust(len(match[0])), text.replace("’", "'")
    )
    for match in _WORD.finditer(plain):
        for term, _ in _terms_of(match[0]):
            yield match.start(), term


@lru_cache(_KNOWN_WORDS)
def _terms_of(written: str) -> tuple[tuple[str, str], ...]:
    """Return the terms of a run of letters and digits, each with its word."""
    found: list[tuple[str, str]] = []
    parts = _PART.findall(written)
    for part in parts:
        word = part.lower()
        if _UNSPACED.fullmatch(word):
            found += ((pair, pair) for pair in _pairs(word))
        elif word not in stop_words() and (len(word) > 1 or word.isdigit()):
            found.append((stem(word), word))
    if len(parts) > 1:
        joined = re.sub(r"[._-]", "", written).lower()
        found.append((joined, joined))
    return tuple(found)


def _without_ending(match: re.Match[str]) -> str:
    return "" if match[0].lower() in stop_words() else match[1]


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for first, second in pairwise(run):
        yield first + second


def stem(word: str) -> str:
    """Cut the common English endings of a lower-case word; equal stems are what counts."""
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    word = _without_plural(word)
    for ending in ("ing", "ed"):
        stump = word.removesuffix(ending)
        if stump != word and len(stump) >= 3 and re.search(r"[aeiouy]", stump):
            doubled = stump[-1] == stump[-2] and stump[-1] not in "lsz"
            word = stump[:-1] if doubled else stump
            break
    if word.endswith("ation") and len(word) >= 8:
        word = word[:-3]
    elif word.endswith(("tion", "sion", "tor")) and len(word) >= 6:
        word = word.removesuffix("ion").removesuffix("or")
    elif word.endswith("ment") and len(word) >= 8:
        word = word[:-4]
    elif word.endswith("ly") and len(word) >= 6:
        word = word[:-2]
    if word.endswith("e") and len(word) >= 4:
        word = word[:-1]
    if word.endswith("at") and len(word) >= 7:
        word = word[:-2]
    if word.endswith("i") and len(word) >= 4:
        word = word[:-1] + "y"
    return word


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
