"""The search part: what a search costs beyond its embedding and the engine's query."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Final, Protocol

from qdrant_edge import (
    Bm25,
    Bm25Config,
    EdgeShard,
    Fusion,
    Prefetch,
    Query,
    QueryRequest,
    TokenizerType,
)

from evals.bench.figures import Bar, Part, Row, p95
from server.search.retrieval import CANDIDATES, Retriever
from store.index.edge_shard import load_shard
from store.index.generations import Generations
from store.index.payloads import DENSE, LEXICAL
from store.ports import Embedder, PassageIndex, Vector
from store.resources import open_embedder, open_index
from store.settings import StoreSettings

_MOST: Final = 1.3


class Engine(Protocol):
    """The engine's own hybrid query, with nothing of this project around it."""

    def __call__(self, text: str, vector: Vector) -> object:
        """Answer with the payloads of passages."""
        ...


@dataclass(slots=True)
class SearchTimes:
    """Seconds of each search and of its parts: `engine` is the bare one, `index` is ours."""

    embedding: list[float] = field(default_factory=list)
    engine: list[float] = field(default_factory=list)
    index: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    @property
    def of_floor(self) -> float:
        """The median search as a multiple of the medians of what can't be saved."""
        return median(self.whole) / (median(self.embedding) + median(self.engine))

    @property
    def of_parts(self) -> float:
        """The median search as a multiple of the medians of embedding and our index."""
        return median(self.whole) / (median(self.embedding) + median(self.index))


async def measure_search(settings: StoreSettings, questions: Sequence[str], *, rounds: int) -> Part:
    """Time searches of the embedded index."""
    async with AsyncExitStack() as stack:
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        index = await open_index(settings, embedder)
        stack.push_async_callback(index.close)
        shard = load_shard(Generations(settings.index_dir).published().shard)
        stack.callback(shard.close)
        times = await time_searches(embedder, index, BareEngine(shard), questions, rounds=rounds)
        passages = index.manifest.passages
    rows = {
        "embedding the question": times.embedding,
        "the bare engine's hybrid query": times.engine,
        "the index (BM25 terms, two queries, fusion)": times.index,
        "the whole search": times.whole,
    }
    return Part(
        "search",
        f"{len(times.whole)} searches of {passages} passages",
        (
            Bar("search / (embedding + bare engine query), p50", times.of_floor, _MOST),
            Bar("search / (embedding + index), p50", times.of_parts),
        ),
        tuple(
            Row(name, "ms", {"p50": median(seconds) * 1000, "p95": p95(seconds) * 1000})
            for name, seconds in rows.items()
        ),
    )


async def time_searches(
    embedder: Embedder,
    index: PassageIndex,
    engine: Engine,
    questions: Sequence[str],
    *,
    rounds: int,
) -> SearchTimes:
    """Time each question's search and its parts, one after the other, `rounds` times.

    What else the machine does then falls on all alike. The whole search comes first, so that the
    parts have not read for it what the question needs; the very first one, which loads the model,
    isn't counted. The bare engine is called as directly as the index calls it.
    """
    retriever = Retriever(embedder, index)
    times = SearchTimes()
    await retriever.search(questions[0])
    for question in list(questions) * rounds:
        started = time.perf_counter()
        await retriever.search(question)
        searched = time.perf_counter()
        [vector] = await embedder.embed([question], kind="query")
        embedded = time.perf_counter()
        engine(question, vector)
        answered = time.perf_counter()
        await index.search(
            text=question, vector=vector, limit=2 * CANDIDATES, candidates=CANDIDATES
        )
        times.index.append(time.perf_counter() - answered)
        times.engine.append(answered - embedded)
        times.embedding.append(embedded - searched)
        times.whole.append(searched - started)
    return times


class BareEngine:
    """Asks the engine itself: as many candidates and results as a search, its own fusion."""

    def __init__(self, shard: EdgeShard) -> None:
        self._shard = shard
        self._bm25 = Bm25(Bm25Config(tokenizer=TokenizerType.Code))

    def __call__(self, text: str, vector: Vector) -> object:
        """Query by vector and words."""
        terms = self._bm25.embed_query(text)
        return self._shard.query(
            QueryRequest(
                prefetches=[
                    Prefetch(limit=CANDIDATES, query=Query.Nearest(vector, DENSE)),
                    Prefetch(limit=CANDIDATES, query=Query.Nearest(terms, LEXICAL)),
                ],
                query=Fusion.Rrf(k=2),  # type: ignore[arg-type]  # a Fusion, if not to the stubs
                limit=2 * CANDIDATES,
                with_payload=True,
            )
        )
