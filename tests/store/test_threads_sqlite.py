"""The thread store on SQLite."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.threads.engine import open_thread_store
from tests.contract.thread_items import ALICE, MALLORY, a_note, a_thread
from tests.contract.thread_store import ThreadStoreContract


@pytest.fixture(scope="module")
def shared_database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('threads') / 'threads.db'}"


class TestSqlite(ThreadStoreContract):
    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'threads.db'}"


async def test_what_a_careless_tool_leaves_behind_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "threads.db"
    async with open_thread_store(f"sqlite:///{path}") as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        await store.add_thread_item("thr_1", a_note("msg_1", "thr_1"), context=ALICE)
        with closing(sqlite3.connect(path)) as tool:
            tool.execute("DELETE FROM footnote_threads")
            tool.commit()
        await store.save_thread(a_thread("thr_2"), context=MALLORY)
        page = await store.load_thread_items("thr_2", None, 20, "asc", context=MALLORY)
    assert page.data == []


async def test_readers_are_not_kept_waiting(tmp_path: Path) -> None:
    path = tmp_path / "threads.db"
    async with open_thread_store(f"sqlite:///{path}") as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute("DELETE FROM footnote_threads")
            assert (await store.load_thread("thr_1", context=ALICE)).id == "thr_1"
