"""Open the thread store: an engine for its database, migrated before it is used."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from anyio import to_thread
from sqlalchemy import (
    AsyncAdaptedQueuePool,
    Connection,
    Engine,
    QueuePool,
    create_engine,
    event,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store.errors import DatabaseError
from store.threads.migrations import MigrationError, migrate
from store.threads.mysql import connect_arguments
from store.threads.sqlite_connection import SqliteConnection, connect_sqlite
from store.threads.store import ThreadStore
from store.threads.transactions import Transactions
from store.threads.urls import DatabaseUrl, parse_database_url

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a database server."""
POOL_SIZE = 10
"""Connections to a database server that are kept open; as many again may be opened for a while."""
POOL_TIMEOUT = 10.0
"""Seconds to wait for a connection when all of them are in use."""
LOCK_TIMEOUT = 30.0
"""Seconds to wait for another process that is writing to the SQLite file."""
WRITER_TIMEOUT = 120.0
"""Seconds to wait for this process's own writers; hundreds of answers at once take turns."""


@dataclass(frozen=True, slots=True)
class Engines:
    """One database; `writes` begins transactions that change it, `reads` the others.

    `writes_in_thread` begins those that a thread runs as a whole, where that is better.
    """

    reads: AsyncEngine
    writes: AsyncEngine
    writes_in_thread: Engine | None = None

    async def dispose(self) -> None:
        """Close the connections."""
        await self.reads.dispose()
        await self.writes.dispose()
        if self.writes_in_thread is not None:
            self.writes_in_thread.dispose()


@asynccontextmanager
async def open_thread_store(database_url: str) -> AsyncIterator[ThreadStore]:
    """Open a database, bring its tables up to date, and close it at the end.

    Raises `store.errors.DatabaseError` for a bad URL and a database that can't be used.
    """
    url = parse_database_url(database_url)
    try:
        engines = create_engines(url)
    except (ValueError, OSError) as error:
        raise DatabaseError(url.shown, _problem(error)) from error
    try:
        try:
            if url.backend == "sqlite":
                await to_thread.run_sync(_prepare_file, Path(url.location))
            async with engines.writes.begin() as connection:
                await connection.run_sync(migrate)
        except _failures(url) as error:
            raise DatabaseError(url.shown, _problem(error)) from error
        yield ThreadStore(
            reads=Transactions(engines.reads),
            writes=Transactions(engines.writes, engines.writes_in_thread),
        )
    finally:
        await engines.dispose()


def create_engines(url: DatabaseUrl) -> Engines:
    """Create engines for a database, without connecting.

    Raises `ValueError` or `OSError` when the URL says what can't be done.
    """
    match url.backend:
        case "sqlite":
            # SQLite has one writer at a time: a pool of one lets a process's writers queue fairly,
            # where each with a connection of its own would poll for the lock.
            return Engines(
                reads=_sqlite_engine(url.location, begin="BEGIN"),
                writes=_sqlite_engine(
                    url.location,
                    begin="BEGIN IMMEDIATE",
                    pool_size=1,
                    max_overflow=0,
                    pool_timeout=WRITER_TIMEOUT,
                ),
                writes_in_thread=_sqlite_engine_of_threads(url.location),
            )
        case "postgresql":
            # Imported where it is used, so that those with another database don't load it.
            import asyncpg  # type: ignore[import-untyped] # noqa: PLC0415

            connect = partial(asyncpg.connect, url.location, timeout=CONNECT_TIMEOUT)
            engine = _server_engine("postgresql+asyncpg://", async_creator=connect)
        case "mysql":
            engine = _server_engine(
                "mysql+asyncmy://",
                connect_args=connect_arguments(url.location, timeout=CONNECT_TIMEOUT),
                # As on PostgreSQL: its own default locks gaps between rows, where writers of
                # different threads would meet.
                isolation_level="READ COMMITTED",
            )
    return Engines(reads=engine, writes=engine)


def _failures(url: DatabaseUrl) -> tuple[type[Exception], ...]:
    """Return what opening a database may raise."""
    failures = (SQLAlchemyError, sqlite3.Error, MigrationError, OSError, ValueError)
    if url.backend != "postgresql":
        return failures
    import asyncpg  # noqa: PLC0415 - as in `create_engines`.

    return (*failures, asyncpg.InternalClientError)


def _server_engine(dialect: str, **arguments: Any) -> AsyncEngine:
    return create_async_engine(
        dialect,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=POOL_TIMEOUT,
        # A connection that was lost while nobody used it costs nobody a failed request.
        pool_pre_ping=True,
        **arguments,
    )


def _sqlite_engine(path: str, *, begin: str, **pool: float) -> AsyncEngine:
    engine = create_async_engine(
        "sqlite+aiosqlite:///",
        async_creator=partial(SqliteConnection, path, begin=begin, timeout=LOCK_TIMEOUT),
        poolclass=AsyncAdaptedQueuePool,
        **pool,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        cast("SqliteConnection", connection.connection.driver_connection).begin()

    return engine


def _sqlite_engine_of_threads(path: str) -> Engine:
    engine = create_engine(
        "sqlite+pysqlite:///",
        # One thread after the other uses it.
        creator=partial(connect_sqlite, path, LOCK_TIMEOUT, check_same_thread=False),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
    )

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _prepare_file(path: Path) -> None:
    """Make the file if there is none, and let readers go on while someone writes to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT)) as connection:
        # The file remembers this, for every connection to come.
        connection.execute("PRAGMA journal_mode=WAL")


def _problem(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return " ".join(str(cause).split()) or type(cause).__name__
