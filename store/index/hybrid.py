"""Search by words and by meaning, the same on every engine."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.index.fusion import fuse, rank_lexical
from store.index.known_records import KnownRecords
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
    ids: Collection[str] = ()
    with_payload: bool = False


class Hit(NamedTuple):
    """A point that an engine found; the payload is empty unless it was asked for."""

    id: str
    score: float
    payload: Payload


Run = Callable[[Sequence[VectorQuery]], Awaitable[Sequence[Sequence[Hit]]]]
"""Runs several searches of one generation at once, and returns the hits of each."""


async def hybrid_search(
    run: Run, known: KnownRecords, *, text: str, vector: Vector, limit: int, candidates: int
) -> list[ScoredPassage]:
    """Return what `store.ports.PassageIndex.search` does; an empty vector leaves the words.

    `known` are passages of the generation that `run` searches; those it lacks are read and kept.
    """
    terms = query_terms(text)
    vectors: list[Vector | TermWeights] = [vector] if vector else []
    if terms.indices:
        vectors.append(terms)
    if not vectors:
        return []
    rankings = await run([VectorQuery(query, candidates) for query in vectors])
    scored = [{hit.id: hit.score for hit in hits} for hits in rankings]
    ids = set[str]().union(*scored)
    passages = known.of(ids)
    # Each search has scored its own candidates only; fusing needs both scores of all of them.
    lacking = [
        _among(ids - scores.keys(), query) for query, scores in zip(vectors, scored, strict=True)
    ]
    unread = _among(ids - passages.keys(), vectors[0], with_payload=True)
    *more, read = await _run_asking(run, [*lacking, unread])
    for scores, hits in zip(scored, more, strict=True):
        scores.update((hit.id, hit.score) for hit in hits)
    passages |= known.keep(passage_of(hit.id, hit.payload) for hit in read)
    matching = [(passages[found], score) for found, score in scored[0].items()]
    if not vector:
        return rank_lexical(matching, limit=limit)
    return fuse(matching, lexical=scored[1] if terms.indices else {}, limit=limit)


def _among(
    ids: Collection[str], query: Vector | TermWeights, *, with_payload: bool = False
) -> VectorQuery:
    return VectorQuery(query, len(ids), ids, with_payload)


async def _run_asking(run: Run, queries: Sequence[VectorQuery]) -> list[Sequence[Hit]]:
    """Run those queries that have points to search among; the others find none."""
    asking = [query for query in queries if query.ids]
    hits = iter(await run(asking) if asking else ())
    return [next(hits) if query.ids else () for query in queries]
