"""Attachments' metadata; their content is kept elsewhere."""

from chatkit.types import Attachment
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.base import SqlStore
from store.threads.context import ThreadContext
from store.threads.payloads import dump_attachment, read_attachment
from store.threads.queries import find_attachment, require_attachment, require_thread
from store.threads.tables import AttachmentRow
from store.threads.uninterrupted import uninterrupted


class AttachmentMetadataStore(SqlStore):
    """The part of the thread store that knows which attachments there are."""

    @uninterrupted
    async def save_attachment(self, attachment: Attachment, context: ThreadContext) -> None:
        """Insert or update an attachment's metadata."""
        payload = dump_attachment(attachment)

        async def change(session: AsyncSession) -> None:
            thread_number = None
            if attachment.thread_id is not None:
                thread = await require_thread(session, attachment.thread_id, context)
                thread_number = thread.number
            row = await find_attachment(session, attachment.id, context)
            if row is None:
                row = AttachmentRow(user_id=context.user_id, id=attachment.id, payload=payload)
                session.add(row)
            row.thread_number = thread_number
            row.payload = payload

        await self.writes.upsert(change)

    @uninterrupted
    async def load_attachment(self, attachment_id: str, context: ThreadContext) -> Attachment:
        """Load an attachment's metadata."""
        async with self.reads.begin() as session:
            attachment = await require_attachment(session, attachment_id, context)
        return read_attachment(attachment.payload)

    @uninterrupted
    async def load_thread_attachments(
        self, thread_id: str, context: ThreadContext
    ) -> list[Attachment]:
        """Load the metadata of all attachments of a thread's messages."""
        async with self.reads.begin() as session:
            thread = await require_thread(session, thread_id, context)
            query = select(AttachmentRow).where(AttachmentRow.thread_number == thread.number)
            rows = (await session.exec(query.order_by(col(AttachmentRow.id)))).all()
        return [read_attachment(row.payload) for row in rows]

    @uninterrupted
    async def delete_attachment(self, attachment_id: str, context: ThreadContext) -> None:
        """Delete an attachment's metadata."""
        async with self.writes.begin() as session:
            await session.delete(await require_attachment(session, attachment_id, context))
