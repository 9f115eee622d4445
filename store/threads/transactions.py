"""Transactions whose failures are told as what they mean to a caller."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.errors import ThreadsUnavailableError


class Transactions:
    """Begins sessions on an engine: committed at the end, rolled back by an exception."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """Begin a transaction; raises `ThreadsUnavailableError` when the database fails."""
        try:
            async with self._sessions.begin() as session:
                yield session
        except (DataError, IntegrityError):
            raise
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            raise ThreadsUnavailableError(_first_line(error)) from error

    async def upsert(self, change: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Run a change that updates a row or inserts it when there is none."""
        try:
            async with self.begin() as session:
                await change(session)
        except IntegrityError:
            # Another writer has inserted the row meanwhile, so that it can be updated now.
            async with self.begin() as session:
                await change(session)


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).partition("\n")[0]
