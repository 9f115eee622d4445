"""Tell from a search's results whether the docs answer a question at all.

A search always finds something. Two measures tell whether it is about the question: how near in
meaning the best passages are, and how many of the question's words one of them has, rare ones
counting more. Neither is enough: foreign questions share words, and short ones are near to nothing.
A logistic model makes one number of both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from server.lexical.coverage import coverage, word_weights
from server.lexical.spelling import with_misspelled
from server.lexical.terms import terms
from store.records import Passage, ScoredPassage

DEFAULT_THRESHOLD = 0.67
"""Measured with the bundled embedder on the questions of two web frameworks, each of which was left
out of the fit: 4 of 91 are answered from the other's docs, 6 of 91 refused by their own."""

# Below this share of the threshold the question is about something else altogether.
_OFF_TOPIC = 0.25

_NEAREST = 3
_PASSAGES = 8
# Words of asking, not of what is asked about.
_ASKING = frozenset(
    terms("ask docs documentation explain find help know manual mean need question say tell want")
)


@dataclass(frozen=True, slots=True)
class EvidenceMeasures:
    """How near the nearest three passages are, None without vectors, and how many words one has.

    `near` is a mean cosine, `words` a share of the words' weight.
    """

    near: float | None
    words: float


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """A logistic model: what both measures add to the log odds of an answer."""

    bias: float
    near: float
    words: float

    def probability(self, measures: EvidenceMeasures) -> float:
        """Return how likely an answer is where answers and none are equally many."""
        log_odds = self.bias + self.near * (measures.near or 0.0) + self.words * measures.words
        return 1 / (1 + math.exp(-log_odds))


# What `python -m evals fit-evidence` printed; see "How the judgement was made" in the handbook.
MEANING_AND_WORDS = EvidenceWeights(bias=-6.36, near=11.29, words=4.0)
# Words tell so much less that the bias is not the fitted one: at the threshold for both, a tenth of
# the questions are refused by their own docs.
WORDS_ALONE = EvidenceWeights(bias=-1.67, near=0.0, words=6.29)


def evidence_score(query: str, found: Sequence[ScoredPassage]) -> float:
    """Return how likely the results answer the query, from 0 to 1."""
    if not found:
        return 0.0
    measures = evidence_measures(query, found)
    weights = WORDS_ALONE if measures.near is None else MEANING_AND_WORDS
    return weights.probability(measures)


def evidence_measures(query: str, found: Sequence[ScoredPassage]) -> EvidenceMeasures:
    """Measure a search's results, of which there is one at least."""
    similarities = sorted(
        (scored.similarity for scored in found if scored.similarity is not None), reverse=True
    )
    weights = {term: weight for term, weight in word_weights(query).items() if term not in _ASKING}
    words = max(
        coverage(weights, with_misspelled(weights, _passage_terms(scored.passage)))
        for scored in found[:_PASSAGES]
    )
    return EvidenceMeasures(fmean(similarities[:_NEAREST]) if similarities else None, words)


def is_off_topic(score: float, threshold: float) -> bool:
    """Tell whether a question that the docs don't answer is not about their subject either."""
    return score < threshold * _OFF_TOPIC


@lru_cache(maxsize=4_096)
def _passage_terms(passage: Passage) -> frozenset[str]:
    # A question that names the version, or product, is of its pages though their text does not.
    parts = (passage.title, *passage.heading_path, passage.version, passage.text)
    return frozenset(terms("\n".join(parts)))
