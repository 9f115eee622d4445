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
    IsEmptyCondition,
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
from store.index.payloads import (
    DENSE,
    INDEXED_FIELDS,
    LEXICAL,
    PAGE,
    audience_values,
    page_of,
    scope_fields,
)
from store.records import Page, Scope

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
    index_fields(shard)
    return shard


def index_fields(shard: EdgeShard) -> None:
    """Index the fields that are filtered by, as far as they are not: older shards have fewer."""
    for field in set(INDEXED_FIELDS) - set(shard.info().payload_schema):
        shard.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Keyword))


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
