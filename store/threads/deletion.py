"""Delete threads and attachments of any user in batches, their files included."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.attachments import DeleteFile, OwnedAttachment
from store.threads.errors import FileNotDeletedError
from store.threads.payloads import read_attachment
from store.threads.tables import AttachmentRow, ThreadRow
from store.threads.transactions import Transactions

BATCH = 50
"""Threads, or attachments, in one transaction: writers wait no longer than one takes."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many threads and attachments were deleted."""

    threads: int = 0
    attachments: int = 0

    def __add__(self, other: "Deleted") -> "Deleted":
        """Add two counts up."""
        return Deleted(self.threads + other.threads, self.attachments + other.attachments)


async def delete_where(
    writes: Transactions,
    *,
    threads: ColumnElement[bool],
    attachments: ColumnElement[bool],
    delete_file: DeleteFile,
) -> Deleted:
    """Delete the threads that match, with all they have, then the attachments that match.

    A file is deleted before the row that names it, so that whatever fails, nothing is left behind
    that no row names. Raises `FileNotDeletedError` and `ThreadsUnavailableError`; what is deleted
    by then stays deleted.
    """
    deleted = Deleted()
    while batch := await _delete_threads(writes, threads, delete_file):
        deleted += batch
    while batch := await _delete_attachments(writes, attachments, delete_file):
        deleted += batch
    return deleted


async def _delete_threads(
    writes: Transactions, condition: ColumnElement[bool], delete_file: DeleteFile
) -> Deleted | None:
    async with writes.begin() as session:
        # Locked, so that nobody adds to a thread what then would go with it.
        query = select(ThreadRow.number).where(condition).order_by(col(ThreadRow.number))
        numbers = (await session.exec(query.limit(BATCH).with_for_update())).all()
        if not numbers:
            return None
        rows = await _find_attachments(session, col(AttachmentRow.thread_number).in_(numbers))
        await _delete_files(rows, delete_file)
        await session.exec(delete(ThreadRow).where(col(ThreadRow.number).in_(numbers)))
    return Deleted(len(numbers), len(rows))


async def _delete_attachments(
    writes: Transactions, condition: ColumnElement[bool], delete_file: DeleteFile
) -> Deleted | None:
    async with writes.begin() as session:
        rows = await _find_attachments(session, condition, limit=BATCH)
        if not rows:
            return None
        await _delete_files(rows, delete_file)
        await session.exec(
            delete(AttachmentRow).where(
                or_(
                    *(
                        (col(AttachmentRow.user_id) == row.user_id)
                        & (col(AttachmentRow.id) == row.id)
                        for row in rows
                    )
                )
            )
        )
    return Deleted(attachments=len(rows))


async def _delete_files(rows: Sequence[AttachmentRow], delete_file: DeleteFile) -> None:
    for row in rows:
        try:
            await delete_file(OwnedAttachment(row.user_id, read_attachment(row.payload)))
        except OSError as error:
            # Told apart here, because an OSError of the database's driver means something else.
            raise FileNotDeletedError(row.id, str(error)) from error


async def _find_attachments(
    session: AsyncSession, condition: ColumnElement[bool], *, limit: int | None = None
) -> Sequence[AttachmentRow]:
    query = select(AttachmentRow).where(condition).limit(limit).with_for_update()
    return (await session.exec(query)).all()
