"""Transactions whose failures are told as what they mean to a caller."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.errors import ThreadsUnavailableError

Result = TypeVar("Result")


class Transactions:
    """Begins sessions on an engine: committed at the end, rolled back by an exception.

    `in_thread` is an engine for what is run as a whole in a thread: on SQLite, whose one writer
    keeps all others waiting while it waits for the event loop between two statements.
    """

    def __init__(self, engine: AsyncEngine, in_thread: Engine | None = None) -> None:
        self.engine = engine
        self._in_thread = in_thread
        # Whoever came first writes first.
        self._turns = CapacityLimiter(1)
        self._sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """Begin a transaction; raises `ThreadsUnavailableError` when the database fails."""
        with _told():
            async with self._sessions.begin() as session:
                yield session

    async def run(self, work: Callable[[Session], Result]) -> Result:
        """Run a short transaction that waits for nothing else; raises as `begin` does."""
        with _told():
            if self._in_thread is not None:
                return await to_thread.run_sync(_run, self._in_thread, work, limiter=self._turns)
            async with self._sessions.begin() as session:
                return await session.run_sync(cast("Callable[[Any], Result]", work))

    @property
    def sync_engines(self) -> set[Engine]:
        """The engines whose events tell of all statements."""
        engines = {self.engine.sync_engine}
        return engines if self._in_thread is None else {*engines, self._in_thread}

    async def upsert(self, change: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Run a change that updates a row or inserts it when there is none."""
        try:
            async with self.begin() as session:
                await change(session)
        except IntegrityError:
            # Another writer has inserted the row meanwhile, so that it can be updated now.
            async with self.begin() as session:
                await change(session)


def _run(engine: Engine, work: Callable[[Session], Result]) -> Result:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return work(session)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (DataError, IntegrityError):
        raise
    except (DBAPIError, PoolTimeoutError, OSError) as error:
        raise ThreadsUnavailableError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).partition("\n")[0]
