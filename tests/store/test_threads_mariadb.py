"""The thread store on MariaDB, by the driver and dialect that MySQL has too."""

import anyio
import pytest

from store.errors import DatabaseError
from store.threads.engine import open_thread_store
from store.threads.errors import ThreadsUnavailableError
from tests.contract.mariadb import fresh_mariadb, mariadb_server
from tests.contract.thread_items import ALICE, a_note, a_thread
from tests.contract.thread_store import ThreadStoreContract
from tests.contract.thread_store_pool import PoolContract


@pytest.fixture(scope="module")
def shared_database_url() -> str:
    return fresh_mariadb()


class TestMariaDb(ThreadStoreContract, PoolContract):
    @pytest.fixture
    def database_url(self) -> str:
        return fresh_mariadb()


def by_socket(url: str, user: str = "root") -> str:
    name = url.rpartition("/")[2]
    return f"mysql://{user}@localhost/{name}?unix_socket={mariadb_server().socket}"


async def test_socket_is_accepted() -> None:
    async with open_thread_store(by_socket(fresh_mariadb())) as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("ann:p", "ann:wrong-p"), "Access denied"),
        (("/test_", "/nowhere_"), "Access denied|Unknown database"),
        (("127.0.0.1:", "127.0.0.1:1"), "connect|port"),
    ],
)
async def test_what_cannot_be_opened_is_said_in_one_line(
    change: tuple[str, str], problem: str
) -> None:
    url = fresh_mariadb().replace(*change)

    with pytest.raises(DatabaseError, match=problem) as caught:
        async with open_thread_store(url):
            pass
    assert len(str(caught.value).splitlines()) == 1
    assert "p@ss" not in str(caught.value)
    assert "p%40ss" not in str(caught.value)


async def test_encryption_that_the_server_lacks_is_no_reason_to_go_without() -> None:
    with pytest.raises(DatabaseError):
        async with open_thread_store(f"{fresh_mariadb()}?ssl-mode=REQUIRED"):
            pass


async def test_lost_connection_ends_one_request() -> None:
    """What was running is told to try again, and the next request works."""
    url = fresh_mariadb()
    database = url.rpartition("/")[2]
    async with open_thread_store(url) as store, open_thread_store(url) as other:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        async with other.writes.begin() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("SELECT * FROM footnote_threads FOR UPDATE")

            async def write_while_locked() -> None:
                with pytest.raises(ThreadsUnavailableError):
                    await store.add_thread_item("thr_1", a_note("msg_1", "thr_1"), context=ALICE)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(write_while_locked)
                waiting = ""
                while not waiting:
                    await anyio.sleep(0.01)
                    waiting = mariadb_server().sql(
                        "SELECT ID FROM information_schema.PROCESSLIST "
                        f"WHERE DB = '{database}' AND COMMAND = 'Query' AND TIME_MS > 50;"
                    )
                mariadb_server().sql(f"KILL {waiting.split()[0]};")
        await store.add_thread_item("thr_1", a_note("msg_2", "thr_1"), context=ALICE)
        page = await store.load_thread_items("thr_1", None, 20, "asc", context=ALICE)
    assert [item.id for item in page.data] == ["msg_2"]


async def test_connections_lost_while_idle_are_not_noticed() -> None:
    async with open_thread_store(fresh_mariadb()) as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        mariadb_server().sql("KILL USER ann;")
        assert (await store.load_thread("thr_1", context=ALICE)).id == "thr_1"
