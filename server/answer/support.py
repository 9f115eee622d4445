"""Check by its words whether a passage supports the claim that cites it.

This is lexical entailment and no understanding: a claim fails when it has a number or an identifier
that the passage has not, when it denies what the passage says, or when it shares too few words with
it. What is in another language than its passage is held to numbers and identifiers alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from server.lexical.coverage import Weights, coverage, word_weights
from server.lexical.sentences import split_sentences, split_units
from server.lexical.terms import terms
from store.records import Passage

Problem = Literal["empty", "number", "identifier", "negation", "words"]

# Measured on reference answers against the sections that they were written from, and against the
# sections of other questions: see "How citations are checked" in the handbook.
_FEWEST_WORDS = 0.4
# A claim and a sentence that share so much are about the same thing, so that a "not" counts.
_SAME_STATEMENT = 0.85
_FEWEST_TERMS = 3
_FEWEST_WORDS_OF_A_LANGUAGE = 5
_ENGLISH = 0.1

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,:]\d+)*(?![\w])")
_LIST_NUMBER = re.compile(r"^\s*\d{1,3}[.)]\s", re.MULTILINE)
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
# Identifiers without backticks: snake_case, camelCase, dotted.names, --options, CONSTANTS.
_IDENTIFIER = re.compile(
    r"--?[A-Za-z][\w-]*[\w]|\b[A-Za-z]\w*(?:\.[A-Za-z_]\w+)+|\b\w*[A-Za-z]_\w+|\b[a-z]+[A-Z]\w*"
    r"|\b[A-Z]{2,}\d*\b"
)
_CODE_TOKEN = re.compile(r"[A-Za-z_][\w-]*")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|cannot|without|nothing|neither|nor|nicht|nie|kein\w*|ohne)\b|n['’]t\b",
    re.IGNORECASE,
)
# "No, only new ones are" answers a question and denies nothing of what it says.
_YES_NO = re.compile(r"\s*(?:yes|no|ja|nein)\b[,.:;–—-]*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？][^\w\s]*\s")
# Not each of these ends a sentence: there are abbreviations and brackets.
_SENTENCES_BACK = 3
# An answer cites few passages and each of them several times, and many answers cite the same.
_KNOWN_PASSAGES = 256
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the a an of to is are and in for with on it that this be by as or from you your when if",
    )
)
_WORD = re.compile(r"[^\W\d_]+")


def support_problem(claim: str, passages: Sequence[Passage]) -> Problem | None:
    """Return why the passages together don't support a claim, or None when they do."""
    claim = _LIST_NUMBER.sub("", claim).strip()
    if not claim:
        return "empty"
    source = [_facts(_said(passage)) for passage in passages]
    if not _numbers(claim) <= _united(each.numbers for each in source):
        return "number"
    if not _identifiers(claim) <= _united(each.tokens for each in source):
        return "identifier"
    if not _same_language(claim, source):
        return None
    weights = word_weights(claim)
    if weights and coverage(weights, _united(each.terms for each in source)) < _FEWEST_WORDS:
        return "words"
    return "negation" if _denies(claim, weights, passages) else None


def claim_before(text: str, start: int, end: int) -> str:
    """Return what a citation at `end` is for: the sentence that ends there, or its last part.

    A citation at `start`, in the same sentence, has taken what is in front of it. A code block
    right before the citation is its claim.
    """
    written = text[:end].rstrip()
    if written.endswith(("```", "~~~")):
        opening = written.rfind("\n" + written[-3:], 0, len(written) - 3)
        return written[max(opening, 0) :].strip("`~ \n")
    paragraph = re.split(r"\n[ \t]*(?:\n|[-*+][ \t]|\d{1,3}[.)][ \t]|[>|#])", written)[-1]
    # What was cited before is looked at again for the beginning of the sentence alone.
    cited = max(start - (len(written) - len(paragraph)), 0)
    ends = [match.end() for match in _SENTENCE_END.finditer(paragraph, 0, cited)]
    sentences = split_sentences(
        paragraph[ends[-_SENTENCES_BACK] if len(ends) >= _SENTENCES_BACK else 0 :]
    )
    sentence = sentences[-1] if sentences else ""
    rest = text[start:end].strip()
    if 0 < len(rest) < len(sentence) and len(set(terms(rest))) >= _FEWEST_TERMS:
        return rest
    return sentence


@dataclass(frozen=True, slots=True)
class _Words:
    """What tells a text's language; `function` counts the English function words among `all`."""

    all: int
    function: int
    are_ascii: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a passage has of all that claims are compared by."""

    numbers: frozenset[str]
    tokens: frozenset[str]
    terms: frozenset[str]
    words: _Words


@lru_cache(_KNOWN_PASSAGES)
def _facts(text: str) -> _Facts:
    return _Facts(
        numbers=frozenset(_numbers(text)),
        tokens=frozenset(_tokens(text)),
        terms=frozenset(terms(text)),
        words=_words(text),
    )


def _words(text: str) -> _Words:
    words = _WORD.findall(text.lower())
    return _Words(len(words), sum(word in _FUNCTION_WORDS for word in words), text.isascii())


@lru_cache(_KNOWN_PASSAGES)
def _statements(text: str) -> tuple[tuple[str, dict[str, float]], ...]:
    """Return the sentences of a passage, each with its content terms and their weights."""
    return tuple((unit.text, word_weights(unit.text)) for unit in split_units(text))


def _united(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _said(passage: Passage) -> str:
    return "\n".join((passage.title, *passage.heading_path, passage.text))


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(text)}


def _identifiers(text: str) -> set[str]:
    found = {match[0] for match in _IDENTIFIER.finditer(_CODE_SPAN.sub(" ", text))}
    for _, code in _CODE_SPAN.findall(text):
        found.update(_CODE_TOKEN.findall(code))
    return {name.lstrip("-").lower() for name in found} - {""}


def _tokens(text: str) -> set[str]:
    whole = {match[0].lstrip("-").lower() for match in _IDENTIFIER.finditer(text)}
    return whole | {token.lower() for token in _CODE_TOKEN.findall(text)}


def _same_language(claim: str, source: Sequence[_Facts]) -> bool:
    """Tell by English function words, or their lack, whether two texts can share words at all."""
    claimed = _words(claim)
    if claimed.all < _FEWEST_WORDS_OF_A_LANGUAGE:
        return claimed.are_ascii or not all(each.words.are_ascii for each in source)
    words = sum(each.words.all for each in source)
    share = sum(each.words.function for each in source) / words if words else 0.0
    return claimed.function > 0 or share < _ENGLISH


def _denies(claim: str, weights: Weights, passages: Sequence[Passage]) -> bool:
    """Tell whether the sentence of the passages that is most like the claim says the opposite."""
    nearest, best = "", 0.0
    for passage in passages:
        for statement, its_weights in _statements(passage.text):
            back = coverage(its_weights, weights.keys())
            if back >= _SAME_STATEMENT:
                alike = min(coverage(weights, its_weights.keys()), back)
                if alike > best:
                    nearest, best = statement, alike
    if best < _SAME_STATEMENT:
        return False
    denied = _NEGATION.search(_YES_NO.sub("", claim, count=1)) is not None
    return (_NEGATION.search(nearest) is not None) is not denied
