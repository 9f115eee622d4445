"""What reader and writer share of Qdrant Edge: the shard's schema, calls, and reading points."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from anyio import to_thread
from qdrant_edge import (
    CountRequest,
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    HnswIndexConfig,
    IsEmptyCondition,
    KeywordIndexParams,
    MatchAny,
    MatchValue,
    Memory,
    Modifier,
    PayloadSelector,
    Record,
    ScrollRequest,
    UpdateOperation,
)

from store.errors import IndexCorruptError, IndexUnavailableError
from store.index.payloads import (
    AUDIENCE_FIELDS,
    DENSE,
    INDEXED_FIELDS,
    LEDGER_FIELDS,
    LEXICAL,
    PAGE,
    audience_values,
    hashes_of,
    page_of,
    scope_fields,
)
from store.records import Page, Scope

ENGINE: Final = "Qdrant Edge"

SEGMENT_PASSAGES: Final = 20_000
"""Passages after which the writer has the engine close a segment.

What is written lies in memory until then: 2 kB a passage. A closed segment lies on disk.
"""

# A segment is closed from this part of its passages on. A sparse vector takes some 400 bytes.
_CLOSED_FROM: Final = 0.7
_SPARSE_BYTES: Final = 400
_FLOAT_BYTES: Final = 4

# More than there will be: closed segments are not put together, which takes memory for all.
_MOST_SEGMENTS: Final = 1_000

_NO_GRAPH: Final = 0
_SCROLL: Final = 1_000

T = TypeVar("T")


def create_shard(folder: Path, *, dimension: int) -> EdgeShard:
    """Make an empty shard; without a write-ahead log, so that many processes may read it.

    With `dimension` 0 it holds sparse vectors alone.
    """
    closed_bytes = SEGMENT_PASSAGES * (dimension * _FLOAT_BYTES or _SPARSE_BYTES) * _CLOSED_FROM
    closed_kilobytes = round(closed_bytes / 1000)
    dense = EdgeVectorParams(size=dimension, distance=Distance.Dot, memory=Memory.Cold)
    shard = EdgeShard.create(
        str(folder),
        EdgeConfig(
            vectors={DENSE: dense} if dimension else {},
            sparse_vectors={
                LEXICAL: EdgeSparseVectorParams(modifier=Modifier.Idf, memory=Memory.Cold)
            },
            # Comparing with every vector is exact, and takes 5 ms for 65,000 of dimension 384; a
            # graph would take minutes to make.
            hnsw_config=HnswIndexConfig(_NO_GRAPH, _NO_GRAPH, 0),
            optimizers=EdgeOptimizersConfig(
                indexing_threshold=closed_kilobytes,
                max_segment_size=closed_kilobytes,
                default_segment_number=_MOST_SEGMENTS,
            ),
            wal_enabled=False,
        ),
    )
    index_fields(shard)
    return shard


def index_fields(shard: EdgeShard) -> None:
    """Index the fields that are filtered by, as far as they are not: older shards have fewer."""
    for field in set(INDEXED_FIELDS) - set(shard.info().payload_schema):
        index = KeywordIndexParams(memory=Memory.Cold)
        shard.update(UpdateOperation.create_field_index(field, index))


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
    return Filter(must=[_has(key, value) for key, value in fields.items()])


def within(scope: Scope | None, *, restricted: bool) -> Filter | None:
    """Match the passages of a scope, of which its reader may read each.

    Where everyone may read every page, `restricted` is false and nothing is asked of a passage.
    """
    fields = scope_fields(scope)
    audience = audience_values(scope) if restricted else {}
    if not fields and not audience:
        return None
    return Filter(
        must=[
            *(_has(key, values) for key, values in fields.items()),
            *(_empty_or_has(key, values) for key, values in audience.items()),
        ]
    )


def _empty_or_has(key: str, values: Sequence[str]) -> Filter:
    return Filter(should=[IsEmptyCondition(key), *(_has(key, value) for value in values)])


def _has(key: str, value: str | Sequence[str]) -> FieldCondition:
    match = MatchValue(value) if isinstance(value, str) else MatchAny(list(value))
    return FieldCondition(key=key, match=match)


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


def read_hashes(shard: EdgeShard) -> dict[str, str]:
    """Return the content hash of each page by its path, in the order of paths."""
    fields = PayloadSelector.Include(list(LEDGER_FIELDS))
    payloads = (record.payload or {} for record in scroll(shard, where(kind=PAGE), fields))
    return hashes_of(payloads)


def count_restricted(shard: EdgeShard) -> int:
    """Count the pages that not everyone may read."""
    pages = Filter(
        must=[_has("kind", PAGE)],
        must_not=[Filter(must=[IsEmptyCondition(field) for field in AUDIENCE_FIELDS])],
    )
    return shard.count(CountRequest(filter=pages, exact=True))
