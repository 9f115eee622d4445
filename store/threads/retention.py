"""Delete what has not been used for long."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_
from sqlmodel import col

from store.threads.attachments import DeleteFile, delete_no_file
from store.threads.audit import record_event
from store.threads.deletion import Deleted, delete_where
from store.threads.store import ThreadStore
from store.threads.tables import AttachmentRow, ThreadRow


async def delete_unused(
    threads: ThreadStore, *, before: datetime, delete_file: DeleteFile = delete_no_file
) -> Deleted:
    """Delete the threads last used before a moment, in naive UTC, and attachments never sent.

    Raises as `store.threads.deletion.delete_where` does.
    """
    deleted = await delete_where(
        threads.writes,
        threads=col(ThreadRow.active_at) < before,
        attachments=and_(
            col(AttachmentRow.thread_number).is_(None), col(AttachmentRow.stored_at) < before
        ),
        delete_file=delete_file,
    )
    if deleted != Deleted():
        await record_event(threads, "expired_deleted", before=before.isoformat(), **asdict(deleted))
    return deleted
