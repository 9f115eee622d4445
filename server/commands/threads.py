"""The database of threads and the files of attachments, opened for a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from store.errors import OperatorError
from store.settings import StoreSettings
from store.threads.engine import open_thread_store
from store.threads.errors import FileNotDeletedError, ThreadsUnavailableError
from store.threads.store import ThreadStore


@asynccontextmanager
async def open_threads(settings: StoreSettings) -> AsyncIterator[ThreadStore]:
    """Open the store; a failure in use is told as one line, like one in opening.

    That goes for files as well, whose failures are an `OSError`.
    """
    try:
        async with open_thread_store(settings.resolved_database_url) as threads:
            yield threads
    except (FileNotDeletedError, ThreadsUnavailableError, OSError) as error:
        raise OperatorError(str(error)) from error
