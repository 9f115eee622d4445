"""The tables: columns for what is asked about, JSON for the SDK's own records.

Threads have a number beside their id, so that rows of a thread have narrow keys and can only be
reached through the thread, whose owner is checked. Ids are unique within their owner: someone
else's row can be neither overwritten nor guessed at.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from store.threads.columns import KEY, MOMENT, NUMBER
from store.threads.payloads import utc_now


class ThreadStoreTable(SQLModel):
    """Base of the tables, with metadata of its own so that migrations see nothing else."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ThreadRow(ThreadStoreTable, table=True):
    """A thread: `number` is the order of creation, `last_sequence` its newest item's place.

    `active_at`, in UTC, is when it or one of its items was last written.
    """

    __tablename__ = "footnote_threads"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        Index(None, "user_id", "number"),
        Index(None, "active_at"),
        # SQLite would give a deleted thread's number again, and with it any items left behind by
        # a tool that deletes without minding foreign keys, to someone else.
        {"sqlite_autoincrement": True},
    )

    # The database sets it, so it is None only before a new row is flushed.
    number: int = Field(default=None, primary_key=True, sa_type=NUMBER)
    user_id: str = Field(sa_type=KEY)
    id: str = Field(sa_type=KEY)
    last_sequence: int = Field(default=0, sa_type=BigInteger)
    active_at: datetime = Field(default_factory=utc_now, sa_type=MOMENT)
    payload: dict[str, Any] = Field(sa_type=JSON)

    def next_item(self, item_id: str, payload: dict[str, Any]) -> "ItemRow":
        """Make the row of one more item; whoever does it has to hold the thread."""
        self.last_sequence += 1
        return ItemRow(
            thread_number=self.number, sequence=self.last_sequence, id=item_id, payload=payload
        )


class ItemRow(ThreadStoreTable, table=True):
    """An item of a thread; `sequence` is its place, which it keeps when it is replaced."""

    __tablename__ = "footnote_thread_items"
    __table_args__ = (
        UniqueConstraint("thread_number", "id"),
        ForeignKeyConstraint(["thread_number"], ["footnote_threads.number"], ondelete="CASCADE"),
    )

    thread_number: int = Field(primary_key=True, sa_type=BigInteger)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    id: str = Field(sa_type=KEY)
    payload: dict[str, Any] = Field(sa_type=JSON)


class AttachmentRow(ThreadStoreTable, table=True):
    """An attachment's metadata; it has no thread before the message that carries it is stored.

    `stored_at`, in UTC, is when it was announced.
    """

    __tablename__ = "footnote_attachments"
    __table_args__ = (
        Index(None, "thread_number"),
        ForeignKeyConstraint(["thread_number"], ["footnote_threads.number"], ondelete="CASCADE"),
    )

    user_id: str = Field(primary_key=True, sa_type=KEY)
    id: str = Field(primary_key=True, sa_type=KEY)
    thread_number: int | None = Field(default=None, sa_type=BigInteger)
    stored_at: datetime = Field(default_factory=utc_now, sa_type=MOMENT)
    payload: dict[str, Any] = Field(sa_type=JSON)


class FeedbackRow(ThreadStoreTable, table=True):
    """What the owner of a thread thinks of one item; `given_at` is UTC.

    `about` is a `JudgedAnswer`, or None when it was not known.
    """

    __tablename__ = "footnote_feedback"
    __table_args__ = (
        ForeignKeyConstraint(
            ["thread_number", "item_id"],
            ["footnote_thread_items.thread_number", "footnote_thread_items.id"],
            ondelete="CASCADE",
        ),
    )

    thread_number: int = Field(primary_key=True, sa_type=BigInteger)
    item_id: str = Field(primary_key=True, sa_type=KEY)
    kind: str = Field(max_length=16)
    given_at: datetime = Field(sa_type=MOMENT)
    about: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class ApiKeyRow(ThreadStoreTable, table=True):
    """A script's key, of which only a hash is kept; times are UTC."""

    __tablename__ = "footnote_api_keys"

    id: str = Field(primary_key=True, sa_type=KEY)
    digest: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
    revoked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    payload: dict[str, Any] = Field(sa_type=JSON)


class AuditRow(ThreadStoreTable, table=True):
    """An entry of the audit log; it is nobody's, so it goes with no thread or user."""

    __tablename__ = "footnote_audit_log"
    __table_args__ = (Index(None, "recorded_at"), {"sqlite_autoincrement": True})

    number: int = Field(default=None, primary_key=True, sa_type=NUMBER)
    recorded_at: datetime = Field(default_factory=utc_now, sa_type=MOMENT)
    event: str = Field(sa_type=String(32))
    subject: str | None = Field(default=None, sa_type=String(64))
    details: dict[str, Any] = Field(sa_type=JSON)


class CounterRow(ThreadStoreTable, table=True):
    """A sum that all replicas add to; `expires_at`, in UTC, is when it counts no more."""

    __tablename__ = "footnote_counters"
    __table_args__ = (Index(None, "expires_at"),)

    name: str = Field(primary_key=True, sa_type=KEY)
    amount: int = Field(sa_type=BigInteger)
    expires_at: datetime = Field(sa_type=MOMENT)
