"""Everything that is kept of one user: handed out, or erased, and that noted in the audit log."""

import base64
from collections import defaultdict
from dataclasses import asdict
from typing import Any

from sqlmodel import col, select

from store.threads.attachments import DeleteFile, ReadFile, delete_no_file, read_no_file
from store.threads.audit import record_event
from store.threads.deletion import Deleted, delete_where
from store.threads.payloads import Payload
from store.threads.queries import is_key
from store.threads.store import ThreadStore
from store.threads.tables import AttachmentRow, FeedbackRow, ItemRow, ThreadRow


async def erase_user(
    threads: ThreadStore, user_id: str, *, delete_file: DeleteFile = delete_no_file
) -> Deleted:
    """Delete all threads and attachments of a user, with their items, feedback and files.

    Raises as `store.threads.deletion.delete_where` does.
    """
    erased = await delete_where(
        threads.writes,
        threads=is_key(ThreadRow.user_id, user_id),
        attachments=is_key(AttachmentRow.user_id, user_id),
        delete_file=delete_file,
    )
    await record_event(threads, "user_erased", user_id=user_id, **asdict(erased))
    return erased


async def export_user(
    threads: ThreadStore, user_id: str, *, read_file: ReadFile = read_no_file
) -> dict[str, Any]:
    """Return all that is kept of a user as JSON data, the oldest first; times are UTC.

    Items are as they are kept: also hidden ones, and those of types that this release doesn't
    know. The `content` of an attachment is in Base64, or None when nothing was uploaded. Raises
    `store.threads.errors.ThreadsUnavailableError`, and what `read_file` raises.
    """
    async with threads.reads.begin() as session:
        thread_rows = await session.exec(
            select(ThreadRow)
            .where(is_key(ThreadRow.user_id, user_id))
            .order_by(col(ThreadRow.number))
        )
        item_rows = await session.exec(
            select(ItemRow)
            .join(ThreadRow, col(ThreadRow.number) == ItemRow.thread_number)
            .where(is_key(ThreadRow.user_id, user_id))
            .order_by(col(ItemRow.thread_number), col(ItemRow.sequence))
        )
        feedback_rows = await session.exec(
            select(FeedbackRow)
            .join(ThreadRow, col(ThreadRow.number) == FeedbackRow.thread_number)
            .where(is_key(ThreadRow.user_id, user_id))
            .order_by(col(FeedbackRow.given_at), col(FeedbackRow.item_id))
        )
        attachment_rows = await session.exec(
            select(AttachmentRow)
            .where(is_key(AttachmentRow.user_id, user_id))
            .order_by(col(AttachmentRow.stored_at), col(AttachmentRow.id))
        )
    await record_event(threads, "user_exported", user_id=user_id)
    items: defaultdict[int, list[Payload]] = defaultdict(list)
    for item in item_rows:
        items[item.thread_number].append(item.payload)
    feedback: defaultdict[int, list[Payload]] = defaultdict(list)
    for given in feedback_rows:
        feedback[given.thread_number].append(
            {
                "item_id": given.item_id,
                "kind": given.kind,
                "given_at": given.given_at.isoformat(),
                "about": given.about,
            }
        )
    return {
        "user_id": user_id,
        "threads": [
            {
                **thread.payload,
                "active_at": thread.active_at.isoformat(),
                "items": items[thread.number],
                "feedback": feedback[thread.number],
            }
            for thread in thread_rows
        ],
        "attachments": [
            {
                **attachment.payload,
                "stored_at": attachment.stored_at.isoformat(),
                "content": _base64(await read_file(user_id, attachment.id)),
            }
            for attachment in attachment_rows
        ],
    }


def _base64(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()
