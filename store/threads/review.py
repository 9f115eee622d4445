"""The threads of all users, for those who run the service; no reader's request may come here."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from chatkit.types import FeedbackKind, ThreadItem
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.payloads import read_item
from store.threads.queries import is_key
from store.threads.store import ThreadStore
from store.threads.tables import FeedbackRow, ItemRow, ThreadRow

_THREADS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ReviewedThread:
    """A thread of anyone's: its items, the oldest first, and its owner's feedback by item id.

    Items of types that this release doesn't know are left out.
    """

    id: str
    user_id: str
    items: tuple[ThreadItem, ...]
    feedback: dict[str, FeedbackKind]


async def review_threads(
    threads: ThreadStore, *, active_since: datetime | None = None, thread_id: str | None = None
) -> AsyncIterator[ReviewedThread]:
    """Yield the threads in the order of their creation; `active_since` is naive UTC.

    Thread ids are unique within a user only, so several threads may have `thread_id`.
    """
    query = select(ThreadRow).order_by(col(ThreadRow.number)).limit(_THREADS_AT_ONCE)
    if active_since is not None:
        query = query.where(col(ThreadRow.active_at) >= active_since)
    if thread_id is not None:
        query = query.where(is_key(ThreadRow.id, thread_id))
    seen = 0
    while True:
        async with threads.reads.begin() as session:
            rows = (await session.exec(query.where(col(ThreadRow.number) > seen))).all()
            found = await _read(session, rows)
        for thread in found:
            yield thread
        if not rows:
            return
        seen = rows[-1].number


async def _read(session: AsyncSession, rows: Sequence[ThreadRow]) -> list[ReviewedThread]:
    numbers = [row.number for row in rows]
    item_rows = await session.exec(
        select(ItemRow)
        .where(col(ItemRow.thread_number).in_(numbers))
        .order_by(col(ItemRow.thread_number), col(ItemRow.sequence))
    )
    items: defaultdict[int, list[ThreadItem]] = defaultdict(list)
    for item_row in item_rows:
        if (item := read_item(item_row.payload)) is not None:
            items[item_row.thread_number].append(item)
    feedback_rows = await session.exec(
        select(FeedbackRow).where(col(FeedbackRow.thread_number).in_(numbers))
    )
    feedback: defaultdict[int, dict[str, FeedbackKind]] = defaultdict(dict)
    for given in feedback_rows:
        feedback[given.thread_number][given.item_id] = cast("FeedbackKind", given.kind)
    return [
        ReviewedThread(row.id, row.user_id, tuple(items[row.number]), feedback[row.number])
        for row in rows
    ]
