"""Bring a database's tables up to date; each file under `versions` is one step."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, text

from store.threads.tables import ThreadStoreTable

VERSION_TABLE = "footnote_schema_version"

LATEST = "0005"
"""The last step under `versions`."""

# Any number will do if no other program locks it: these are the bytes of the project's name.
_ADVISORY_LOCK = int.from_bytes(b"Footnote", "big")


# Seconds: a step over many rows takes its time, and MySQL wants some limit.
_PATIENCE = 3600


class MigrationError(Exception):
    """The tables can't be brought up to date."""


class MigrationLockError(MigrationError):
    """Another process has been migrating for too long."""

    def __init__(self) -> None:
        super().__init__("another process has been migrating it for an hour")


def migrate(connection: Connection, revision: str = "head") -> None:
    """Apply what is missing up to a revision, within the connection's transaction.

    A database that has nothing yet is given the latest tables at once. Of several processes that
    start at the same time, one migrates and the others wait for it. MySQL ends a transaction at
    each change of a table, so there a step that fails stays half done. Raises `MigrationError` or
    an error of SQLAlchemy's.
    """
    if revision == "head" and _revision(connection) == LATEST:
        return
    with _alone(connection):
        # Asked again: another process may have made the tables by now.
        if revision == "head" and _revision(connection) is None:
            _create_tables(connection)
        else:
            _apply_steps(connection, revision)


def _create_tables(connection: Connection) -> None:
    ThreadStoreTable.metadata.create_all(connection, checkfirst=False)
    # As alembic makes it, which finds it at the next release.
    version = Table(
        VERSION_TABLE,
        MetaData(),
        Column("version_num", String(32), nullable=False),
        PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
    )
    version.create(connection)
    connection.execute(version.insert().values(version_num=LATEST))


def _apply_steps(connection: Connection, revision: str) -> None:
    # Imported here: most starts find the tables as they should be, and it takes 15 MB.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "store.threads:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise MigrationError(str(error)) from error


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    return found


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
                # Whoever comes next must see which step was the last.
                connection.execute(text("COMMIT"))
            finally:
                connection.execute(text(f"SELECT RELEASE_LOCK({name})"))
        case _:
            # SQLite: with its first statement the transaction is a writer's, and there is one of
            # those at a time.
            connection.execute(text("SELECT 1"))
            yield
