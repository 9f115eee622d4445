"""Search by words and by meaning, the same on every engine."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.index.fusion import fuse, rank_lexical
from store.index.lexical import query_terms
from store.index.payloads import Payload, passage_of
from store.ports import Vector
from store.records import ScoredPassage, TermWeights


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """One search of an engine: the points that are nearest to a vector of either kind.

    It is among the points `ids` or, where there are none, among all that the reader asks about.
    """

    vector: Vector | TermWeights
    limit: int
    ids: Sequence[str] = ()
    with_payload: bool = False


class Hit(NamedTuple):
    """A point that an engine found; the payload is empty unless it was asked for."""

    id: str
    score: float
    payload: Payload


Run = Callable[[Sequence[VectorQuery]], Awaitable[Sequence[Sequence[Hit]]]]
"""Runs several searches of one generation at once, and returns the hits of each."""


async def hybrid_search(
    run: Run, *, text: str, vector: Vector, limit: int, candidates: int
) -> list[ScoredPassage]:
    """Return what `store.ports.PassageIndex.search` does; an empty vector leaves the words."""
    terms = query_terms(text)
    lexical = [terms] if terms.indices else []
    if not vector:
        if not lexical:
            return []
        [hits] = await run([VectorQuery(terms, candidates, with_payload=True)])
        found = [(passage_of(hit.id, hit.payload), hit.score) for hit in hits]
        return rank_lexical(found, limit=limit)
    queries: list[Vector | TermWeights] = [vector, *lexical]
    rankings = await run([VectorQuery(query, candidates) for query in queries])
    ids = sorted({hit.id for ranking in rankings for hit in ranking})
    if not ids:
        return []
    # Each search has scored its own candidates only; fusing needs both scores of all of them.
    nearest, *matching = await run(
        [VectorQuery(query, len(ids), ids=ids, with_payload=query is vector) for query in queries]
    )
    return fuse(
        [(passage_of(hit.id, hit.payload), hit.score) for hit in nearest],
        lexical=_scores(matching),
        limit=limit,
    )


def _scores(rankings: Sequence[Sequence[Hit]]) -> Mapping[str, float]:
    return {hit.id: hit.score for ranking in rankings for hit in ranking}
