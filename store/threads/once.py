"""Threads that begin once, messages and answers that are taken once, whoever repeats them."""

from datetime import datetime

from chatkit.types import StructuredInputItem, ThreadMetadata, UserMessageItem
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from store.threads.base import SqlStore
from store.threads.context import ThreadContext
from store.threads.payloads import dump_item, dump_thread, read_item, utc_now
from store.threads.queries import item_of, lock_thread
from store.threads.tables import ItemRow, ThreadRow
from store.threads.uninterrupted import uninterrupted
from store.threads.writes import begin_thread

# A turn seldom stores more than five items; with this many no message is looked for in vain.
_ITEMS_OF_A_TURN = 50


class OnceStore(SqlStore):
    """The part of the thread store that takes what may come twice."""

    @uninterrupted
    async def insert_thread(self, thread: ThreadMetadata, context: ThreadContext) -> bool:
        """Insert a thread; returns False, and changes nothing, when there is one with its id."""
        row = ThreadRow(user_id=context.user_id, id=thread.id, payload=dump_thread(thread))
        try:
            await self.writes.run(lambda session: session.add(row))
        except IntegrityError:
            return False
        return True

    @uninterrupted
    async def begin_thread(
        self,
        thread: ThreadMetadata,
        message: UserMessageItem,
        context: ThreadContext,
        *,
        unless: str | None = None,
    ) -> bool:
        """Insert a thread with its first message.

        Returns False, and changes nothing, when the user has a thread with its id, or with the id
        `unless`.
        """
        begun = thread.id, dump_thread(thread)
        first = message.id, dump_item(message)

        def write(session: Session) -> bool:
            return begin_thread(session.connection(), begun, first, context, unless=unless)

        try:
            return await self.writes.run(write)
        except IntegrityError:
            return False

    @uninterrupted
    async def add_message_once(
        self, item: UserMessageItem, *, since: datetime, context: ThreadContext
    ) -> UserMessageItem:
        """Append a user's message, unless their last one says the same and is not before `since`.

        Returns the message that is in the thread: this one, or the one that was there. Of several
        callers at once, on any replica, one appends.
        """

        def write(session: Session) -> UserMessageItem:
            thread = lock_thread(session, item.thread_id, context)
            query = select(ItemRow).where(ItemRow.thread_number == thread.number)
            query = query.order_by(col(ItemRow.sequence).desc()).limit(_ITEMS_OF_A_TURN)
            rows = session.exec(query).all() if thread.last_sequence else ()
            for row in rows:
                if row.payload["type"] == "user_message":
                    last = read_item(row.payload)
                    if (
                        isinstance(last, UserMessageItem)
                        and _says_the_same(last, item)
                        and last.created_at >= since
                    ):
                        return last
                    break
            thread.active_at = utc_now()
            session.add(thread.next_item(item.id, dump_item(item)))
            return item

        return await self.writes.run(write)

    @uninterrupted
    async def answer_form_once(self, form: StructuredInputItem, context: ThreadContext) -> bool:
        """Replace a form that waits for its answers by the same one with them.

        Returns False, and changes nothing, when it waits no more. Of several callers at once, on
        any replica, one replaces it.
        """
        payload = dump_item(form)

        def write(session: Session) -> bool:
            thread = lock_thread(session, form.thread_id, context)
            row = session.exec(item_of(thread, form.id)).one_or_none()
            if row is None or row.payload.get("status") != "pending":
                return False
            row.payload = payload
            thread.active_at = utc_now()
            return True

        return await self.writes.run(write)


def _says_the_same(last: UserMessageItem, item: UserMessageItem) -> bool:
    said = {"content", "attachments", "quoted_text", "inference_options"}
    return last.model_dump(include=said) == item.model_dump(include=said)
