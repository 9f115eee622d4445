"""Database servers: what happens when all connections are in use."""

from contextlib import AsyncExitStack

import anyio
import pytest

from store.threads import engine
from store.threads.engine import open_thread_store
from store.threads.errors import ThreadsUnavailableError
from tests.contract.thread_items import ALICE, a_thread


class PoolContract:
    async def test_a_request_without_a_connection_is_told_to_try_again(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "POOL_SIZE", 1)
        monkeypatch.setattr(engine, "POOL_TIMEOUT", 0.1)
        async with open_thread_store(database_url) as store:
            await store.save_thread(a_thread("thr_1"), context=ALICE)
            async with AsyncExitStack() as stack:
                for _ in range(2):
                    session = await stack.enter_async_context(store.reads.begin())
                    await session.connection()
                with pytest.raises(ThreadsUnavailableError):
                    await store.load_thread("thr_1", context=ALICE)
            assert (await store.load_thread("thr_1", context=ALICE)).id == "thr_1"

    async def test_more_requests_at_once_than_connections_all_get_one(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "POOL_SIZE", 2)
        async with open_thread_store(database_url) as store:
            await store.save_thread(a_thread("thr_1"), context=ALICE)
            async with anyio.create_task_group() as tasks:
                for _ in range(40):
                    tasks.start_soon(store.load_thread, "thr_1", ALICE)
