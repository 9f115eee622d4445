"""Choose the parts of the passages that answer a question, by the words they share.

Nothing here understands a sentence. What is measured is which of the question's words a passage,
its headings and each sentence have, rarer words counting more; that is enough to point at the
right lines of a good search result. Whether it is one is told by the search.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from server.answer.evidence import QuotedPassage
from server.lexical.coverage import Weights, coverage, word_weights
from server.lexical.sentences import Unit, split_units
from server.lexical.terms import terms
from server.search.followup import ContextualQuery

# The subject of a follow-up has done its part in the search already.
_SUBJECT_WEIGHT = 0.2

_MAX_QUOTATIONS = 3
_MAX_UNITS = 3
# What has less than this share of the best one's score is left out.
_OF_BEST_QUOTATION = 0.5
_OF_BEST_UNIT = 0.5
# A further passage is more often beside the question than not, so it is quoted for what is still
# open: this share of the question's words, as of a question that asks two things.
_STILL_OPEN = 0.5
# The search knows more than the words that are compared here: from 0.7 to 2.8 each step was better
# on several sets of questions, and 5 is like 2.8.
_RANK_WEIGHT = 2.8
_LONG_SENTENCE = 60
_SHORT_SENTENCE = 4
_WANTS_CODE = re.compile(
    r"\b(?:how|example|code|command|snippet|syntax|install|run|configure|set ?up|write|implement"
    r"|create|import|define|declare|wie|beispiel|befehl)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Parts of one passage in their order, to be quoted together, and the terms that they have."""

    passage: QuotedPassage
    units: tuple[Unit, ...]
    terms: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A passage cut into units, with the terms of each and of the headings above them."""

    passage: QuotedPassage
    rank: int
    units: tuple[Unit, ...]
    unit_terms: tuple[frozenset[str], ...]
    heading_terms: frozenset[str]

    @property
    def terms(self) -> frozenset[str]:
        return self.heading_terms.union(*self.unit_terms)


def choose_quotations(query: ContextualQuery, passages: Sequence[QuotedPassage]) -> list[Quotation]:
    """Return what to quote, best first; [] when the question has no word to go by.

    `passages` are in the order in which the search ranked them.
    """
    weights = _weights(query)
    candidates = [_candidate(rank, passage) for rank, passage in enumerate(passages)]
    if not weights or not candidates:
        return []
    telling = _telling_weights(weights, candidates)
    wants_code = _WANTS_CODE.search(query.question) is not None
    quotations = [
        quotation
        for candidate in candidates
        if (quotation := _quote(candidate, telling, wants_code=wants_code))
    ]
    quotations.sort(key=lambda quotation: -quotation.score)
    chosen = quotations[:1]
    said = frozenset[str]().union(*(quotation.terms for quotation in chosen))
    for further in quotations[1:_MAX_QUOTATIONS]:
        adds = coverage(telling, said | further.terms) - coverage(telling, said)
        if adds >= _STILL_OPEN and further.score >= chosen[0].score * _OF_BEST_QUOTATION:
            chosen.append(further)
            said |= further.terms
    return chosen


def _weights(query: ContextualQuery) -> Weights:
    subject = word_weights(query.subject)
    weights = {term: _SUBJECT_WEIGHT * weight for term, weight in subject.items()}
    return weights | word_weights(query.question)


def _telling_weights(weights: Weights, candidates: Sequence[_Candidate]) -> Weights:
    """Lower the weight of terms that most passages have: they don't tell one from another."""
    frequency = Counter(term for candidate in candidates for term in candidate.terms)
    return {
        term: weight * math.log(1 + (len(candidates) + 1) / (frequency[term] + 0.5))
        for term, weight in weights.items()
    }


def _candidate(rank: int, passage: QuotedPassage) -> _Candidate:
    units = tuple(split_units(passage.text))
    return _Candidate(
        passage=passage,
        rank=rank,
        units=units,
        unit_terms=tuple(frozenset(terms(unit.text)) for unit in units),
        heading_terms=frozenset(terms(f"{passage.page} {passage.heading}")),
    )


def _quote(candidate: _Candidate, weights: Weights, *, wants_code: bool) -> Quotation | None:
    scores = [
        _unit_score(unit, coverage(weights, found), wants_code=wants_code)
        for unit, found in zip(candidate.units, candidate.unit_terms, strict=True)
    ]
    kept = _pick(candidate.units, scores)
    if not kept:
        return None
    score = (
        max(scores)
        + coverage(weights, candidate.heading_terms)
        + 0.5 * coverage(weights, candidate.terms)
        + _RANK_WEIGHT / (1 + candidate.rank)
    )
    return Quotation(
        passage=candidate.passage,
        units=tuple(candidate.units[index] for index in kept),
        terms=candidate.heading_terms.union(*(candidate.unit_terms[index] for index in kept)),
        score=score,
    )


def _unit_score(unit: Unit, coverage: float, *, wants_code: bool) -> float:
    words = len(unit.text.split())
    match unit.kind:
        case "sentence" if words < _SHORT_SENTENCE:
            return coverage * 0.5
        case "sentence":
            return coverage * min(1.0, _LONG_SENTENCE / words)
        case "code" | "table":
            return coverage * (1.0 if wants_code else 0.6)


def _pick(units: Sequence[Unit], scores: Sequence[float]) -> list[int]:
    """Return the indexes of the best units, in order, code and tables with what leads to them.

    When no unit has a word of the question, its passage was found by its headings or its meaning,
    and how it begins says best what it is about.
    """
    if not units:
        return []
    best = max(scores)
    order = sorted(range(len(units)), key=lambda index: (-scores[index], index))
    kept = {
        index
        for index in order[:_MAX_UNITS]
        if scores[index] >= best * _OF_BEST_UNIT and scores[index] > 0
    } or {0}
    for index in sorted(kept):
        if _leads_on(units, index):
            kept.add(index + 1)
        if index > 0 and units[index].kind != "sentence" and _leads_on(units, index - 1):
            kept.add(index - 1)
    return sorted(kept)


def _leads_on(units: Sequence[Unit], index: int) -> bool:
    """Tell whether a sentence announces the unit behind it, as in "run this command:"."""
    return (
        units[index].kind == "sentence"
        and units[index].text.endswith((":", "："))
        and index + 1 < len(units)
    )
