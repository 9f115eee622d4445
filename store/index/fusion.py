"""Fuse dense and BM25 search by the scores of both.

Reciprocal rank fusion sees places only: the tenth passage of a search counts as much whether it is
nearly as good as the first or no match at all. The weighted sum of scores, each divided by the
best one of its search, was measured better on every set of questions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from store.records import Passage, ScoredPassage

LEXICAL_WEIGHT: Final = 0.4
"""Share of BM25 in the fused score; 0.3 to 0.5 were measured alike."""

_DIGITS: Final = 6
"""Engines agree on a score to about this many decimal places."""


def fuse(
    nearest: Sequence[tuple[Passage, float]], *, lexical: Mapping[str, float], limit: int
) -> list[ScoredPassage]:
    """Return the `limit` best passages by their fused score, best first.

    `nearest` has every passage with its cosine, `lexical` the BM25 scores by id of those that share
    a term with the question. Ties are ordered by path and position, so one index always gives one
    ranking, whatever the engine.
    """
    dense_scale = (1 - LEXICAL_WEIGHT) / _best(similarity for _, similarity in nearest)
    lexical_scale = LEXICAL_WEIGHT / _best(lexical.values())
    scored = [
        ScoredPassage(
            passage,
            round(dense_scale * similarity + lexical_scale * lexical.get(passage.id, 0.0), _DIGITS),
            round(similarity, _DIGITS),
        )
        for passage, similarity in nearest
    ]
    scored.sort(key=_order)
    return scored[:limit]


def rank_lexical(matching: Sequence[tuple[Passage, float]], *, limit: int) -> list[ScoredPassage]:
    """Return the `limit` best passages of BM25 alone, best first, in the same order of ties."""
    scale = 1 / _best(score for _, score in matching)
    scored = [ScoredPassage(passage, round(scale * score, _DIGITS)) for passage, score in matching]
    scored.sort(key=_order)
    return scored[:limit]


def _best(scores: Iterable[float]) -> float:
    """Return the highest score, or 1 when none is positive: there is nothing to measure by."""
    best = max(scores, default=0.0)
    return best if best > 0 else 1.0


def _order(scored: ScoredPassage) -> tuple[float, str, int, str]:
    passage = scored.passage
    return (-scored.score, passage.path, passage.position, passage.id)
