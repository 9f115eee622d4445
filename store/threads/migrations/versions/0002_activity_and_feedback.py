"""Remember when a thread was last used, when an attachment came, and what feedback is about.

A thread that is there already was last used when its newest item was made.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# Every row is given its own time below; a column that is added must have one at once.
LONG_AGO = "1970-01-01 00:00:00"
BATCH = 500

THREADS = sa.table(
    "footnote_threads",
    sa.column("number", NUMBER),
    sa.column("payload", sa.JSON),
    sa.column("active_at", MOMENT),
)
ITEMS = sa.table(
    "footnote_thread_items",
    sa.column("thread_number", sa.BigInteger),
    sa.column("sequence", sa.BigInteger),
    sa.column("payload", sa.JSON),
)
ATTACHMENTS = sa.table("footnote_attachments", sa.column("stored_at", MOMENT))


def upgrade() -> None:
    op.add_column(
        "footnote_threads", sa.Column("active_at", MOMENT, nullable=False, server_default=LONG_AGO)
    )
    op.add_column(
        "footnote_attachments",
        sa.Column("stored_at", MOMENT, nullable=False, server_default=LONG_AGO),
    )
    op.add_column("footnote_feedback", sa.Column("about", sa.JSON, nullable=True))
    connection = op.get_bind()
    # Nothing says when they came, and what is sent with a message goes with its thread.
    connection.execute(sa.update(ATTACHMENTS).values(stored_at=sa.func.current_timestamp()))
    date_threads(connection)
    op.create_index("ix_footnote_threads_active_at", "footnote_threads", ["active_at"])


def date_threads(connection: sa.Connection) -> None:
    newest = (
        sa.select(sa.func.max(ITEMS.c.sequence))
        .where(ITEMS.c.thread_number == THREADS.c.number)
        .correlate(THREADS)
        .scalar_subquery()
    )
    last_item = sa.and_(ITEMS.c.thread_number == THREADS.c.number, ITEMS.c.sequence == newest)
    query = (
        sa.select(THREADS.c.number, sa.func.coalesce(ITEMS.c.payload, THREADS.c.payload))
        .select_from(THREADS.outerjoin(ITEMS, last_item))
        .order_by(THREADS.c.number)
        .limit(BATCH)
    )
    update = (
        sa.update(THREADS)
        .where(THREADS.c.number == sa.bindparam("thread"))
        .values(active_at=sa.bindparam("moment"))
    )
    last = 0
    while rows := connection.execute(query.where(THREADS.c.number > last)).all():
        connection.execute(
            update, [{"thread": number, "moment": made(payload)} for number, payload in rows]
        )
        last = rows[-1][0]


def made(payload: dict[str, str]) -> datetime:
    return datetime.fromisoformat(payload["created_at"]).replace(tzinfo=None)
