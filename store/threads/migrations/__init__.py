"""Bring a database's tables up to date; each file under `versions` is one step."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

VERSION_TABLE = "footnote_schema_version"

# Any number will do if no other program locks it: these are the bytes of the project's name.
_ADVISORY_LOCK = int.from_bytes(b"Footnote", "big")


# Seconds: a step over many rows takes its time, and MySQL wants some limit.
_PATIENCE = 3600


class MigrationLockError(Exception):
    """Another process has been migrating for too long."""

    def __init__(self) -> None:
        super().__init__("another process has been migrating it for an hour")


def migrate(connection: Connection, revision: str = "head") -> None:
    """Apply what is missing up to a revision, within the connection's transaction.

    Of several processes that start at once, one migrates and the others wait for it. MySQL ends a
    transaction at each change of a table, so there a step that fails stays half done.
    """
    with _alone(connection):
        config = Config()
        config.set_main_option("script_location", "store.threads:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield
        case "mysql":
            # A lock of a name is the whole server's, so the name has the database's in it.
            name = "CONCAT('footnote.', MD5(DATABASE()))"
            if connection.scalar(text(f"SELECT GET_LOCK({name}, {_PATIENCE})")) != 1:
                raise MigrationLockError
            try:
                yield
            finally:
                connection.execute(text(f"SELECT RELEASE_LOCK({name})"))
        case _:
            # SQLite: with its first statement the transaction is a writer's, and there is one of
            # those at a time.
            connection.execute(text("SELECT 1"))
            yield
