"""The thread store on PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import asyncpg  # type: ignore[import-untyped]
import pytest
from anyio import to_thread

from store.threads.engine import open_thread_store
from store.threads.errors import ThreadsUnavailableError
from tests.contract.postgres import StoppablePostgres, fresh_postgres, postgres_server
from tests.contract.thread_items import ALICE, a_note, a_thread
from tests.contract.thread_store import ThreadStoreContract
from tests.contract.thread_store_pool import PoolContract


@pytest.fixture(scope="module")
def shared_database_url() -> str:
    return fresh_postgres()


class TestPostgres(ThreadStoreContract, PoolContract):
    @pytest.fixture
    def database_url(self) -> str:
        return fresh_postgres()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_lost_connection_ends_one_request() -> None:
    """What was running is told to try again, and the next request works."""
    url = fresh_postgres()
    async with (
        open_thread_store(url) as store,
        connected(url) as other,
        # In a transaction, pg_stat_activity stays as it was when it was first read.
        connected(url) as watcher,
    ):
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        async with other.transaction():
            await other.execute("SELECT * FROM footnote_threads FOR UPDATE")

            async def write_while_locked() -> None:
                with pytest.raises(ThreadsUnavailableError):
                    await store.add_thread_item("thr_1", a_note("msg_1", "thr_1"), context=ALICE)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(write_while_locked)
                ended = 0
                while not ended:
                    await anyio.sleep(0.01)
                    ended = await watcher.fetchval(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        "WHERE wait_event_type = 'Lock' AND query LIKE '%footnote_threads%'"
                    )
        await store.add_thread_item("thr_1", a_note("msg_2", "thr_1"), context=ALICE)
        page = await store.load_thread_items("thr_1", None, 20, "asc", context=ALICE)
    assert [item.id for item in page.data] == ["msg_2"]


async def test_connections_lost_while_idle_are_not_noticed() -> None:
    url = fresh_postgres()
    async with open_thread_store(url) as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        postgres_server().psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend';"
        )
        assert (await store.load_thread("thr_1", context=ALICE)).id == "thr_1"


async def test_a_restart_fails_what_runs_meanwhile_and_nothing_after() -> None:
    server = StoppablePostgres()
    try:
        async with open_thread_store(server.url) as store:
            await store.save_thread(a_thread("thr_1"), context=ALICE)
            await to_thread.run_sync(server.stop)
            for _ in range(2):
                with pytest.raises(ThreadsUnavailableError):
                    await store.load_thread("thr_1", context=ALICE)
                with pytest.raises(ThreadsUnavailableError):
                    await store.add_thread_item("thr_1", a_note("msg_1", "thr_1"), context=ALICE)
            await to_thread.run_sync(server.start)
            await store.add_thread_item("thr_1", a_note("msg_2", "thr_1"), context=ALICE)
            page = await store.load_thread_items("thr_1", None, 20, "asc", context=ALICE)
        assert [item.id for item in page.data] == ["msg_2"]
    finally:
        server.close()
