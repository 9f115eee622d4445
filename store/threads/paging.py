"""Pages by keyset: each goes on from the place of one row, whatever is inserted or deleted."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from chatkit.types import Page
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from store.threads.payloads import Payload

MAX_PAGE = 100

Record = TypeVar("Record")


class PagedRow(Protocol):
    """A row that holds a record under an id."""

    id: str
    payload: Payload


Row = TypeVar("Row", bound=PagedRow)


def clamp_limit(limit: int) -> int:
    """Return a page size between 1 and 100; the SDK hands on whatever number a client sent."""
    return max(1, min(limit, MAX_PAGE))


def paged(
    query: SelectOfScalar[Row], place: Any, *, after: int | None, limit: int, order: str
) -> SelectOfScalar[Row]:
    """Narrow a query to one page by the column `place`, and one row more if there is more."""
    column = col(place)
    descending = order == "desc"
    if after is not None:
        query = query.where(column < after if descending else column > after)
    return query.order_by(column.desc() if descending else column.asc()).limit(limit + 1)


def page_of(
    rows: Sequence[Row], *, limit: int, read: Callable[[Payload], Record | None]
) -> Page[Record]:
    """Return a page of records from the rows of a `paged` query with the same limit.

    What can't be read is left out, so that a page may have fewer records, and more may follow.
    """
    has_more = len(rows) > limit
    rows = rows[:limit]
    records = (read(row.payload) for row in rows)
    return Page(
        data=[record for record in records if record is not None],
        has_more=has_more,
        after=rows[-1].id if has_more else None,
    )
