"""A connection to a SQLite file that goes to its thread once for each statement.

The driver goes there to make a cursor, to execute, to fetch and to close, and each time wakes a
thread and then the event loop, which costs several times what SQLite itself does for a row or two.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import aiosqlite

_ROWS_OF_A_CHUNK = 64


@dataclass(frozen=True, slots=True)
class _Done:
    """What a statement has come to."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Iterable[Any] = ()


class SqliteConnection(aiosqlite.Connection):
    """A connection whose transactions begin with their first statement.

    It is awaited to be opened, as the driver's own.
    """

    def __init__(self, path: str, *, begin: str, timeout: float) -> None:
        """Open `path`, and have transactions begin by the statement `begin`.

        `timeout` is how many seconds to wait for another process that writes.
        """
        super().__init__(partial(connect_sqlite, path, timeout), _ROWS_OF_A_CHUNK)
        # A process that fails ends without closing it.
        self._thread.daemon = True
        self._begin = begin
        self._begins = False

    def begin(self) -> None:
        """Begin a transaction; another process sees nothing of it before the first statement."""
        self._begins = True

    def cursor(self) -> "SqliteCursor":  # type: ignore[override]  # of the same shape
        """Make a cursor, for which nothing is to be done as yet."""
        return SqliteCursor(self)

    async def commit(self) -> None:
        """Commit, if there was any statement."""
        self._begins = False
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back, if there was any statement."""
        self._begins = False
        if self.in_transaction:
            await super().rollback()

    async def run(self, sql: str, parameters: Any, *, many: bool = False) -> _Done:
        """Execute a statement and fetch what it returns."""
        begin, self._begins = self._begin if self._begins else None, False
        done: _Done = await self._execute(  # type: ignore[no-untyped-call]
            _run, self._conn, begin, sql, parameters, many=many
        )
        return done


class SqliteCursor:
    """The result of one statement, in the shape that SQLAlchemy knows the driver's in."""

    arraysize = 1

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._done = _Done()

    async def __aenter__(self) -> Self:
        """Return the cursor."""
        return self

    @property
    def description(self) -> Any:
        """The columns of the rows, or None."""
        return self._done.description

    @property
    def rowcount(self) -> int:
        """How many rows were changed, or -1."""
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that was inserted."""
        return self._done.lastrowid

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Execute a statement."""
        self._done = await self._connection.run(sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Any) -> Self:
        """Execute a statement for each of some rows."""
        self._done = await self._connection.run(sql, parameters, many=True)
        return self

    async def fetchall(self) -> Iterable[Any]:
        """Return the rows, which are here already."""
        return self._done.rows

    async def close(self) -> None:
        """Do nothing: what SQLite needed for it is free already."""


def connect_sqlite(
    path: str, timeout: float, *, check_same_thread: bool = True
) -> sqlite3.Connection:
    """Open a file as the standard library does, with foreign keys kept to."""
    # The driver must not begin transactions of its own: it would begin them too late.
    connection = sqlite3.connect(
        path, timeout=timeout, isolation_level=None, check_same_thread=check_same_thread
    )
    connection.execute("PRAGMA foreign_keys=ON").close()
    return connection


def _run(
    connection: sqlite3.Connection, begin: str | None, sql: str, parameters: Any, *, many: bool
) -> _Done:
    if begin is not None:
        connection.execute(begin).close()
    execute = connection.executemany if many else connection.execute
    cursor = execute(sql, parameters)
    try:
        rows = cursor.fetchall() if cursor.description else ()
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()
