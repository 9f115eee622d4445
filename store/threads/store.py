"""The ChatKit `Store` on SQL."""

from collections.abc import Callable, Sequence

from chatkit.store import StoreItemType
from chatkit.types import (
    Page,
    ThreadItem,
    ThreadMetadata,
)
from sqlmodel import Session, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.attachment_metadata import AttachmentMetadataStore
from store.threads.audit import add_audit_record
from store.threads.context import ThreadContext
from store.threads.errors import UnknownCursorError
from store.threads.feedback import FeedbackStore
from store.threads.ids import generate_id
from store.threads.once import OnceStore
from store.threads.paging import clamp_limit, page_of, paged
from store.threads.payloads import (
    dump_item,
    dump_thread,
    read_item,
    read_thread,
    utc_now,
)
from store.threads.queries import (
    find_item,
    find_thread,
    is_key,
    lock_thread,
    no_item,
    require_thread,
    threads_of,
)
from store.threads.tables import ItemRow, ThreadRow
from store.threads.uninterrupted import uninterrupted
from store.threads.writes import put_items


class ThreadStore(AttachmentMetadataStore, FeedbackStore, OnceStore):
    """Threads, items, attachments and feedback, each seen by its owner alone.

    What another user owns is missing, for reads and writes alike: `chatkit.store.NotFoundError`.
    Every method raises `store.threads.errors.ThreadsUnavailableError` when the database fails.
    """

    def generate_thread_id(self, context: ThreadContext) -> str:
        """Return a new id for a thread."""
        return generate_id("thread")

    def generate_item_id(
        self, item_type: StoreItemType, thread: ThreadMetadata, context: ThreadContext
    ) -> str:
        """Return a new id for an item."""
        return generate_id(item_type)

    @uninterrupted
    async def load_thread(self, thread_id: str, context: ThreadContext) -> ThreadMetadata:
        """Load a thread's metadata."""
        async with self.reads.begin() as session:
            thread = await require_thread(session, thread_id, context)
        return read_thread(thread.payload)

    @uninterrupted
    async def save_thread(self, thread: ThreadMetadata, context: ThreadContext) -> None:
        """Insert or update a thread's metadata; the items of a `Thread` are not touched."""
        payload = dump_thread(thread)

        async def change(session: AsyncSession) -> None:
            row = await find_thread(session, thread.id, context)
            if row is None:
                session.add(ThreadRow(user_id=context.user_id, id=thread.id, payload=payload))
            else:
                row.payload = payload
                row.active_at = utc_now()

        await self.writes.upsert(change)

    @uninterrupted
    async def load_threads(
        self, limit: int, after: str | None, order: str, context: ThreadContext
    ) -> Page[ThreadMetadata]:
        """Load a page of the user's threads by order of creation, 1 to 100 of them.

        Raises `UnknownCursorError` when `after` is no thread of the user's.
        """
        limit = clamp_limit(limit)
        async with self.reads.begin() as session:
            place = None
            if after is not None:
                cursor = await find_thread(session, after, context)
                if cursor is None:
                    raise UnknownCursorError(after)
                place = cursor.number
            query = threads_of(context)
            query = paged(query, ThreadRow.number, after=place, limit=limit, order=order)
            rows = (await session.exec(query)).all()
        return page_of(rows, limit=limit, read=read_thread)

    @uninterrupted
    async def delete_thread(self, thread_id: str, context: ThreadContext) -> None:
        """Delete a thread with its items, feedback and the metadata of its attachments.

        The audit log has that it was done.
        """
        async with self.writes.begin() as session:
            thread = await require_thread(session, thread_id, context, lock=True)
            # The database deletes what belongs to it.
            await session.exec(delete(ThreadRow).where(col(ThreadRow.number) == thread.number))
            add_audit_record(session, "thread_deleted", user_id=context.user_id, thread=thread_id)

    @uninterrupted
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ThreadContext
    ) -> Page[ThreadItem]:
        """Load a page of a thread's items by their sequence, 1 to 100 of them.

        Raises `UnknownCursorError` when `after` is no item of the thread.
        """
        limit = clamp_limit(limit)
        async with self.reads.begin() as session:
            thread = await require_thread(session, thread_id, context)
            place = None
            if after is not None:
                cursor = await find_item(session, thread, after)
                if cursor is None:
                    raise UnknownCursorError(after)
                place = cursor.sequence
            query = select(ItemRow).where(ItemRow.thread_number == thread.number)
            query = paged(query, ItemRow.sequence, after=place, limit=limit, order=order)
            rows = (await session.exec(query)).all()
        return page_of(rows, limit=limit, read=read_item)

    @uninterrupted
    async def add_thread_item(
        self, thread_id: str, item: ThreadItem, context: ThreadContext
    ) -> None:
        """Append an item, or replace the one with its id in its place."""
        await self._put_items(thread_id, [item], context)

    @uninterrupted
    async def save_item(self, thread_id: str, item: ThreadItem, context: ThreadContext) -> None:
        """Replace an item in its place, or append it when there is none with its id."""
        await self._put_items(thread_id, [item], context)

    @uninterrupted
    async def save_items(
        self, thread_id: str, items: Sequence[ThreadItem], context: ThreadContext
    ) -> None:
        """Do for each item what `save_item` does: for all of them, or for none."""
        await self._put_items(thread_id, items, context)

    @uninterrupted
    async def load_item(self, thread_id: str, item_id: str, context: ThreadContext) -> ThreadItem:
        """Load an item of a thread."""
        async with self.reads.begin() as session:
            thread = await require_thread(session, thread_id, context)
            item = await find_item(session, thread, item_id)
        found = read_item(item.payload) if item else None
        if found is None:
            raise no_item(item_id)
        return found

    @uninterrupted
    async def delete_thread_item(
        self, thread_id: str, item_id: str, context: ThreadContext
    ) -> None:
        """Delete an item of a thread; one that was streamed but never stored is no error."""
        async with self.writes.begin() as session:
            thread = await require_thread(session, thread_id, context, lock=True)
            await session.exec(
                delete(ItemRow).where(
                    col(ItemRow.thread_number) == thread.number, is_key(ItemRow.id, item_id)
                )
            )

    @uninterrupted
    async def change_thread(
        self,
        thread_id: str,
        change: Callable[[ThreadMetadata], ThreadMetadata],
        context: ThreadContext,
    ) -> ThreadMetadata:
        """Change a thread's metadata as it is now, and return it as it is then.

        Nobody writes between the two. Raises `NotFoundError`: never makes a thread again.
        """

        def write(session: Session) -> ThreadMetadata:
            row = lock_thread(session, thread_id, context)
            changed = change(read_thread(row.payload))
            row.payload = dump_thread(changed)
            row.active_at = utc_now()
            return changed

        return await self.writes.run(write)

    async def _put_items(
        self, thread_id: str, items: Sequence[ThreadItem], context: ThreadContext
    ) -> None:
        payloads = {item.id: dump_item(item) for item in items}

        def write(session: Session) -> None:
            put_items(session.connection(), thread_id, payloads, context)

        await self.writes.run(write)
