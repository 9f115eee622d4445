"""The lookups of the thread store. Each one names the user, and finds nothing of anyone else."""

from collections.abc import Collection
from typing import Any

from chatkit.store import NotFoundError
from sqlalchemy import ColumnElement, false
from sqlmodel import Session, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from store.threads.context import ThreadContext
from store.threads.tables import AttachmentRow, ItemRow, ThreadRow

MAX_PARAMETERS = 1000
"""Values in one statement; databases refuse more than some tens of thousands."""


def is_key(column: Any, key: str) -> ColumnElement[bool]:
    """Compare a column with a key that a client may have made up.

    No stored key has a NUL, and PostgreSQL would refuse the statement instead of finding nothing.
    """
    return false() if "\0" in key else col(column) == key


def threads_of(context: ThreadContext) -> SelectOfScalar[ThreadRow]:
    """Select the threads of a user."""
    return select(ThreadRow).where(is_key(ThreadRow.user_id, context.user_id))


async def find_thread(
    session: AsyncSession, thread_id: str, context: ThreadContext, *, lock: bool = False
) -> ThreadRow | None:
    """Find a thread; `lock` keeps other writers out of it until the transaction ends."""
    return (await session.exec(_one_thread(thread_id, context, lock=lock))).one_or_none()


async def require_thread(
    session: AsyncSession, thread_id: str, context: ThreadContext, *, lock: bool = False
) -> ThreadRow:
    """Find a thread, or raise `NotFoundError`."""
    return _found(await find_thread(session, thread_id, context, lock=lock), thread_id)


def lock_thread(session: Session, thread_id: str, context: ThreadContext) -> ThreadRow:
    """Find a thread and keep other writers out of it, or raise `NotFoundError`."""
    query = _one_thread(thread_id, context, lock=True)
    return _found(session.exec(query).one_or_none(), thread_id)


async def find_item(session: AsyncSession, thread: ThreadRow, item_id: str) -> ItemRow | None:
    """Find an item of a thread that has been found."""
    return (await session.exec(item_of(thread, item_id))).one_or_none()


def item_of(thread: ThreadRow, item_id: str) -> SelectOfScalar[ItemRow]:
    """Select an item of a thread that has been found."""
    return select(ItemRow).where(
        ItemRow.thread_number == thread.number, is_key(ItemRow.id, item_id)
    )


async def find_item_ids(
    session: AsyncSession, thread: ThreadRow, item_ids: Collection[str]
) -> set[str]:
    """Return those of the ids that are items of a thread that has been found."""
    found: set[str] = set()
    keys = sorted({item_id for item_id in item_ids if "\0" not in item_id})
    for start in range(0, len(keys), MAX_PARAMETERS):
        query = select(ItemRow.id).where(
            ItemRow.thread_number == thread.number,
            col(ItemRow.id).in_(keys[start : start + MAX_PARAMETERS]),
        )
        found.update(await session.exec(query))
    return found


async def find_attachment(
    session: AsyncSession, attachment_id: str, context: ThreadContext
) -> AttachmentRow | None:
    """Find an attachment of a user, whether a message carries it yet or not."""
    query = select(AttachmentRow).where(
        is_key(AttachmentRow.user_id, context.user_id), is_key(AttachmentRow.id, attachment_id)
    )
    return (await session.exec(query)).one_or_none()


async def require_attachment(
    session: AsyncSession, attachment_id: str, context: ThreadContext
) -> AttachmentRow:
    """Find an attachment of a user, or raise `NotFoundError`."""
    attachment = await find_attachment(session, attachment_id, context)
    if attachment is None:
        raise NotFoundError(f"There is no attachment {attachment_id!r}.")
    return attachment


def _one_thread(thread_id: str, context: ThreadContext, *, lock: bool) -> SelectOfScalar[ThreadRow]:
    query = threads_of(context).where(is_key(ThreadRow.id, thread_id))
    # SQLite knows no row locks and needs none: its writers are one at a time.
    return query.with_for_update() if lock else query


def _found(thread: ThreadRow | None, thread_id: str) -> ThreadRow:
    if thread is None:
        raise no_thread(thread_id)
    return thread


def no_thread(thread_id: str) -> NotFoundError:
    """Make the error for a thread that the user lacks."""
    return NotFoundError(f"There is no thread {thread_id!r}.")


def no_item(item_id: str) -> NotFoundError:
    """Make the error for an item that a thread lacks."""
    return NotFoundError(f"The thread has no item {item_id!r}.")
