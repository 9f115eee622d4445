"""Create threads, items, attachments and feedback.

Migrations go forwards only: there is no `downgrade` that would drop what people wrote.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.String(255).with_variant(mysql.VARBINARY(1020), "mysql", "mariadb")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "footnote_threads",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_footnote_threads"),
        sa.UniqueConstraint("user_id", "id", name="uq_footnote_threads_user_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_footnote_threads_user_id_number", "footnote_threads", ["user_id", "number"])
    op.create_table(
        "footnote_thread_items",
        sa.Column("thread_number", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("thread_number", "sequence", name="pk_footnote_thread_items"),
        sa.UniqueConstraint(
            "thread_number", "id", name="uq_footnote_thread_items_thread_number_id"
        ),
        sa.ForeignKeyConstraint(
            ["thread_number"],
            ["footnote_threads.number"],
            name="fk_footnote_thread_items_thread_number",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "footnote_attachments",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("thread_number", sa.BigInteger, nullable=True),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_footnote_attachments"),
        sa.ForeignKeyConstraint(
            ["thread_number"],
            ["footnote_threads.number"],
            name="fk_footnote_attachments_thread_number",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_footnote_attachments_thread_number", "footnote_attachments", ["thread_number"]
    )
    op.create_table(
        "footnote_feedback",
        sa.Column("thread_number", sa.BigInteger, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("thread_number", "item_id", name="pk_footnote_feedback"),
        sa.ForeignKeyConstraint(
            ["thread_number", "item_id"],
            ["footnote_thread_items.thread_number", "footnote_thread_items.id"],
            name="fk_footnote_feedback_thread_number_item_id",
            ondelete="CASCADE",
        ),
    )
