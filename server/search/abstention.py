"""Tell from a search's results whether the docs answer a question at all.

A search always finds something. Two measures tell whether it is about the question: how near in
meaning the best passages are, and how many of the question's words they have, rare ones counting
more. Neither is enough: foreign questions share words, and short ones are near to nothing.
"""

from collections.abc import Sequence
from statistics import fmean

from server.lexical.coverage import coverage, word_weights
from server.lexical.terms import terms
from store.records import ScoredPassage

# Measured with the bundled embedder on 91 questions that readers of two web frameworks asked: of
# their own docs 9% are below, of the other framework's docs 3% are above. `python -m evals
# calibrate` finds the value for other docs, other questions and another embedder.
DEFAULT_THRESHOLD = 0.525
# Below this share of the threshold the question is about something else altogether.
_OFF_TOPIC = 0.5

_NEAREST = 3
_PASSAGES = 8
# What having all words of a question is worth, and the number of words at which it is worth half:
# the fewer there are, the less the meaning of a question tells.
_WORDS = 0.4
_FEW = 2
# Words of asking, not of what is asked about.
_ASKING = frozenset(
    terms("ask docs documentation explain find help know manual mean need question say tell want")
)


def evidence_score(query: str, found: Sequence[ScoredPassage]) -> float:
    """Return how much the best results have to do with the query, from about 0 to 1.3.

    Results without a similarity can't be judged and count as good.
    """
    best = found[:_PASSAGES]
    nearest = sorted(
        (scored.similarity for scored in best if scored.similarity is not None), reverse=True
    )[:_NEAREST]
    if not nearest:
        return float("inf") if best else 0.0
    weights = {term: weight for term, weight in word_weights(query).items() if term not in _ASKING}
    passages = [frozenset(terms(_searched_text(scored))) for scored in best]
    one = max(coverage(weights, passage) for passage in passages)
    together = coverage(weights, frozenset().union(*passages))
    # The best one counts twice: a small subject has one passage.
    near = (nearest[0] + fmean(nearest)) / 2
    return near + _WORDS * (one + together) / 2 / (1 + len(weights) / _FEW)


def is_off_topic(score: float, threshold: float) -> bool:
    """Tell whether a question that the docs don't answer is not about their subject either."""
    return score < threshold * _OFF_TOPIC


def _searched_text(scored: ScoredPassage) -> str:
    passage = scored.passage
    return "\n".join((passage.title, *passage.heading_path, passage.text))
