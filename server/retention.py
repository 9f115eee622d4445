"""Keep conversations no longer than RETENTION_DAYS."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from store.threads.attachments import DeleteFile, delete_no_file
from store.threads.errors import FileNotDeletedError, ThreadsUnavailableError
from store.threads.payloads import utc_now
from store.threads.retention import delete_unused
from store.threads.store import ThreadStore

logger = logging.getLogger(__name__)

INTERVAL = 3600.0
"""Seconds between two rounds; the first one begins at start."""


@asynccontextmanager
async def retention(
    threads: ThreadStore, *, days: int, delete_file: DeleteFile = delete_no_file
) -> AsyncIterator[None]:
    """Delete in the background what was last used more than `days` ago; 0 keeps everything.

    Every replica may do so at the same time.
    """
    if not days:
        yield
        return
    task = asyncio.create_task(_delete_for_ever(threads, timedelta(days=days), delete_file))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _delete_for_ever(threads: ThreadStore, age: timedelta, delete_file: DeleteFile) -> None:
    while True:
        try:
            deleted = await delete_unused(threads, before=utc_now() - age, delete_file=delete_file)
        except (FileNotDeletedError, ThreadsUnavailableError) as error:
            logger.warning("What is too old could not be deleted, so it is tried again: %s", error)
        else:
            if deleted.threads or deleted.attachments:
                logger.info(
                    "Deleted %d conversations and %d attachments that were too old.",
                    deleted.threads,
                    deleted.attachments,
                )
        await asyncio.sleep(INTERVAL)
