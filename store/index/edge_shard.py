"""What reader and writer share of Qdrant Edge: the shard's schema, calls, and reading points."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from anyio import to_thread
from qdrant_edge import (
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    MatchAny,
    MatchValue,
    Modifier,
    PayloadSchemaType,
    PayloadSelector,
    Record,
    ScrollRequest,
    UpdateOperation,
)

from store.errors import IndexCorruptError, IndexUnavailableError
from store.index.payloads import DENSE, INDEXED_FIELDS, LEXICAL, PAGE, page_of
from store.records import Page

ENGINE: Final = "Qdrant Edge"

# Up to here (65,000 vectors of dimension 384) comparing with every vector takes 5 ms, is exact and
# needs no graph, whose making takes minutes.
_GRAPH_FROM_KILOBYTES: Final = 100_000

_SCROLL: Final = 1_000

T = TypeVar("T")


def create_shard(folder: Path, *, dimension: int) -> EdgeShard:
    """Make an empty shard; without a write-ahead log, so that many processes may read it."""
    shard = EdgeShard.create(
        str(folder),
        EdgeConfig(
            vectors={DENSE: EdgeVectorParams(size=dimension, distance=Distance.Dot)},
            sparse_vectors={LEXICAL: EdgeSparseVectorParams(modifier=Modifier.Idf)},
            optimizers=EdgeOptimizersConfig(indexing_threshold=_GRAPH_FROM_KILOBYTES),
            wal_enabled=False,
        ),
    )
    for field in INDEXED_FIELDS:
        shard.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Keyword))
    return shard


def load_shard(folder: Path) -> EdgeShard:
    """Open a shard that exists; raises `IndexCorruptError` when it can't be read."""
    try:
        return translate_errors(lambda: EdgeShard.load(str(folder)))
    except IndexUnavailableError as error:
        raise IndexCorruptError(str(folder), str(error)) from error


async def run_engine(function: Callable[[], T]) -> T:
    """Run blocking engine calls in a thread; their failures become `IndexUnavailableError`."""
    return await to_thread.run_sync(translate_errors, function)


def translate_errors(function: Callable[[], T]) -> T:
    """Call `function`, turning the engine's failures into `IndexUnavailableError`."""
    try:
        return function()
    except Exception as error:
        # The binding raises bare `Exception`, so there is no narrower class to name; anything
        # else is not the engine's and goes on as it is.
        if type(error) is not Exception:
            raise
        raise IndexUnavailableError(ENGINE, str(error)) from error


def where(**fields: str | Sequence[str]) -> Filter:
    """Match points whose payload has all these values; a sequence matches any of its own."""
    return Filter(
        must=[
            FieldCondition(
                key=key,
                match=MatchValue(value) if isinstance(value, str) else MatchAny(list(value)),
            )
            for key, value in fields.items()
        ]
    )


def scroll(shard: EdgeShard, matching: Filter, payload: bool | PayloadSelector) -> Iterator[Record]:
    """Yield all points that match, by id."""
    offset = None
    while True:
        records, offset = shard.scroll(
            ScrollRequest(
                offset=offset,
                limit=_SCROLL,
                filter=matching,
                with_payload=payload,
                with_vector=False,
            )
        )
        yield from records
        if offset is None:
            return


def read_pages(shard: EdgeShard) -> list[Page]:
    """Return all pages ordered by path, without their text."""
    records = scroll(shard, where(kind=PAGE), PayloadSelector.Exclude(["text"]))
    return sorted((page_of(record.payload or {}) for record in records), key=lambda page: page.path)
