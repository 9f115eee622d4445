"""The audit log: what was done with the service and its data. It is added to and read, no more."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.base import SqlStore
from store.threads.tables import AuditRow

AuditEvent = Literal[
    "service_started",
    "signed_in",
    "refused",
    "limit_hit",
    "thread_deleted",
    "expired_deleted",
    "user_exported",
    "user_erased",
    "key_made",
    "key_revoked",
]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry; `recorded_at` is naive UTC, `subject` stands for the user that it is about."""

    number: int
    recorded_at: datetime
    event: AuditEvent
    subject: str | None
    details: dict[str, Any]


def audit_subject(user_id: str) -> str:
    """Return what stands for a user in the log.

    A hash, so that the log names nobody and may outlive the erasure of a user's data; whoever
    knows the id can still find the entries.
    """
    return hashlib.sha256(user_id.encode()).hexdigest()


def add_audit_record(
    session: AsyncSession, event: AuditEvent, *, user_id: str | None = None, **details: Any
) -> None:
    """Add an entry in a transaction that is under way, so that both are kept or neither."""
    subject = None if user_id is None else audit_subject(user_id)
    session.add(AuditRow(event=event, subject=subject, details=details))


async def record_event(
    store: SqlStore, event: AuditEvent, *, user_id: str | None = None, **details: Any
) -> None:
    """Add an entry; `details` are JSON data without content, secrets or plain ids of users.

    Raises `store.threads.errors.ThreadsUnavailableError`.
    """
    async with store.writes.begin() as session:
        add_audit_record(session, event, user_id=user_id, **details)


async def read_audit_log(
    store: SqlStore,
    *,
    since: datetime | None = None,
    event: AuditEvent | None = None,
    user_id: str | None = None,
) -> AsyncIterator[AuditRecord]:
    """Yield the entries in their order; `since` is naive UTC."""
    query = select(AuditRow).order_by(col(AuditRow.number)).limit(_PAGE)
    if since is not None:
        query = query.where(col(AuditRow.recorded_at) >= since)
    if event is not None:
        query = query.where(AuditRow.event == event)
    if user_id is not None:
        query = query.where(AuditRow.subject == audit_subject(user_id))
    last = 0
    while True:
        async with store.reads.begin() as session:
            rows = (await session.exec(query.where(col(AuditRow.number) > last))).all()
        for row in rows:
            yield AuditRecord(
                row.number,
                row.recorded_at,
                cast("AuditEvent", row.event),
                row.subject,
                row.details,
            )
        if len(rows) < _PAGE:
            return
        last = rows[-1].number
