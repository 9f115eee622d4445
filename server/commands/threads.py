"""The database of threads and the files of attachments, opened for a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from store.errors import DatabaseError, OperatorError
from store.settings import StoreSettings
from store.threads.engine import open_thread_store
from store.threads.errors import FileNotDeletedError, ThreadsUnavailableError
from store.threads.store import ThreadStore
from store.threads.urls import parse_database_url


@asynccontextmanager
async def open_threads(
    settings: StoreSettings, *, create: bool = False
) -> AsyncIterator[ThreadStore]:
    """Open the store; a failure in use is told as one line, like one in opening.

    That goes for files as well, whose failures are an `OSError`. Unless it may `create` one, a
    database that isn't there is a mistake: in another folder, nothing would be found of anyone.
    """
    if not create:
        _require_file(settings)
    try:
        async with open_thread_store(settings.resolved_database_url) as threads:
            yield threads
    except (FileNotDeletedError, ThreadsUnavailableError, OSError) as error:
        raise OperatorError(str(error)) from error


def _require_file(settings: StoreSettings) -> None:
    url = parse_database_url(settings.resolved_database_url)
    if url.backend == "sqlite" and not Path(url.location).exists():
        raise DatabaseError(url.shown, "there is no such file. Is this the service's folder?")
