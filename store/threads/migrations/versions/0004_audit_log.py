"""Create the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "footnote_audit_log",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=True),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_footnote_audit_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_footnote_audit_log_recorded_at", "footnote_audit_log", ["recorded_at"])
