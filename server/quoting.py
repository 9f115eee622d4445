"""Choose the parts of the passages that answer a question, by the words they share.

Nothing here understands a sentence. What is measured is which of the question's words a passage,
its headings and each sentence have, rarer words counting more; that is enough to point at the
right lines of a good search result, and to notice when the words of the question are missing.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from server.evidence import QuotedPassage
from server.followup import ContextualQuery
from server.sentences import Unit, split_units
from server.terms import terms

# Calibrated on questions about two projects' docs, each asked of both; see `answerability`.
ANSWERABLE = 0.5

_MAX_QUOTATIONS = 3
_MAX_SENTENCES = 3
_RELATIVE_CUT = 0.6
_LONG_SENTENCE = 60
_SUBJECT_WEIGHT = 0.4
_WANTS_CODE = re.compile(
    r"\b(?:how|example|code|command|snippet|syntax|install|run|configure|set ?up|write|implement"
    r"|create|import|define|declare|wie|beispiel|befehl)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Parts of one passage in their order, to be quoted together."""

    passage: QuotedPassage
    units: tuple[Unit, ...]
    score: float


@dataclass(slots=True)
class _Read:
    """A passage with the words that are compared."""

    passage: QuotedPassage
    rank: int
    units: list[Unit]
    unit_terms: list[frozenset[str]]
    heading: frozenset[str]
    words: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = self.heading.union(*self.unit_terms)


def choose_quotations(query: ContextualQuery, passages: Sequence[QuotedPassage]) -> list[Quotation]:
    """Return what to quote, best first; [] when the passages don't fit the question.

    `passages` are in the order in which the search ranked them.
    """
    weights, read = _weigh(query, passages)
    if not weights or _answerability(weights, read) < ANSWERABLE:
        return []
    wants_code = _WANTS_CODE.search(query.question) is not None
    chosen = [_quote(passage, weights, wants_code=wants_code) for passage in read]
    ranked = sorted((item for item in chosen if item.units), key=lambda item: -item.score)
    return [item for item in ranked if item.score >= ranked[0].score * _RELATIVE_CUT][
        :_MAX_QUOTATIONS
    ]


def answerability(query: ContextualQuery, passages: Sequence[QuotedPassage]) -> float:
    """Return how much of the question's words the best passages have, from 0 to 1."""
    weights, read = _weigh(query, passages)
    return _answerability(weights, read) if weights else 0.0


def _weigh(
    query: ContextualQuery, passages: Sequence[QuotedPassage]
) -> tuple[dict[str, float], list[_Read]]:
    read = [_read(rank, passage) for rank, passage in enumerate(passages)]
    asked = Counter(terms(query.question))
    subject = set(terms(query.subject)) - asked.keys()
    frequency = Counter(word for passage in read for word in passage.words)
    weights = {word: math.log2(1 + count) for word, count in asked.items()}
    weights |= dict.fromkeys(subject, _SUBJECT_WEIGHT)
    return {
        word: weight * math.log(1 + (len(read) + 1) / (frequency[word] + 0.5))
        for word, weight in weights.items()
    }, read


def _read(rank: int, passage: QuotedPassage) -> _Read:
    units = split_units(passage.text)
    return _Read(
        passage=passage,
        rank=rank,
        units=units,
        unit_terms=[frozenset(terms(unit.text)) for unit in units],
        heading=frozenset(terms(f"{passage.page} {passage.heading}")),
    )


def _coverage(weights: Mapping[str, float], words: Iterable[str]) -> float:
    found = sum(weights.get(word, 0.0) for word in set(words))
    return found / sum(weights.values())


def _answerability(weights: Mapping[str, float], read: Sequence[_Read]) -> float:
    return max((_coverage(weights, passage.words) for passage in read), default=0.0)


def _quote(passage: _Read, weights: Mapping[str, float], *, wants_code: bool) -> Quotation:
    context = 0.5 * _coverage(weights, passage.heading) + 0.4 * _coverage(weights, passage.words)
    prior = 0.6 / (1 + passage.rank)
    scores = [
        _unit_score(unit, _coverage(weights, words), index, wants_code=wants_code)
        for index, (unit, words) in enumerate(zip(passage.units, passage.unit_terms, strict=True))
    ]
    best = max(scores, default=0.0)
    if best <= 0.0:
        return Quotation(passage.passage, (), 0.0)
    kept = _pick(passage.units, scores)
    return Quotation(
        passage.passage,
        tuple(passage.units[index] for index in kept),
        best + context + prior,
    )


def _unit_score(unit: Unit, coverage: float, index: int, *, wants_code: bool) -> float:
    words = len(unit.text.split())
    score = coverage + 0.1 / (1 + index)
    if unit.kind == "sentence":
        if words > _LONG_SENTENCE:
            score *= _LONG_SENTENCE / words
        if words < 4:
            score *= 0.5
    elif unit.kind == "code" and not wants_code:
        score *= 0.6
    return score


def _pick(units: Sequence[Unit], scores: Sequence[float]) -> list[int]:
    """Return the indexes of the best units, in order, each code block with its lead-in."""
    order = sorted(range(len(units)), key=lambda index: -scores[index])
    best = scores[order[0]]
    kept: set[int] = set()
    for index in order:
        if len(kept) >= _MAX_SENTENCES or scores[index] < best * _RELATIVE_CUT:
            break
        kept.add(index)
    for index in sorted(kept):
        leads = units[index].kind == "sentence" and units[index].text.endswith(":")
        if leads and index + 1 < len(units) and units[index + 1].block != units[index].block:
            kept.add(index + 1)
        elif (
            units[index].kind != "sentence"
            and index > 0
            and units[index - 1].kind == "sentence"
            and units[index - 1].text.endswith(":")
        ):
            kept.add(index - 1)
    return sorted(kept)
