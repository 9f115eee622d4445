"""Create the counters of budgets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.String(255).with_variant(mysql.VARBINARY(1020), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "footnote_counters",
        sa.Column("name", KEY, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_footnote_counters"),
    )
    op.create_index("ix_footnote_counters_expires_at", "footnote_counters", ["expires_at"])
