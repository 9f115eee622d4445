"""Bring a database's tables up to date; each file under `versions` is one step."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

VERSION_TABLE = "footnote_schema_version"

# Any number will do if no other program locks it: these are the bytes of the project's name.
_ADVISORY_LOCK = int.from_bytes(b"Footnote", "big")


def migrate(connection: Connection) -> None:
    """Apply what is missing, within the connection's transaction.

    Of several processes that start at once, one migrates and the others wait for it: on
    PostgreSQL by an advisory lock, on SQLite because the transaction began as a writer's.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    config = Config()
    config.set_main_option("script_location", "store.threads:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
