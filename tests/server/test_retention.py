"""RETENTION_DAYS: conversations that nobody uses any more go by themselves."""

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from sqlmodel import update

from server import retention
from store.threads import engine
from store.threads.engine import open_thread_store
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore
from store.threads.tables import ThreadRow
from tests.contract.thread_items import ALICE, a_thread
from tests.server.conftest import Serve


async def save_old_thread(store: ThreadStore, *, days: int) -> None:
    await store.save_thread(a_thread("thr_old"), context=ALICE)
    async with store.writes.begin() as session:
        await session.exec(update(ThreadRow).values(active_at=utc_now() - timedelta(days=days)))


async def count(store: ThreadStore) -> int:
    return len((await store.load_threads(20, None, "asc", context=ALICE)).data)


async def until_none_is_left(store: ThreadStore) -> None:
    with anyio.fail_after(20):
        while await count(store):  # noqa: ASYNC110 - what is waited for is in the database
            await anyio.sleep(0.01)


async def test_old_threads_go_in_each_round_also_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retention, "INTERVAL", 0.01)
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.05)
    path = tmp_path / "threads.db"
    caplog.set_level(logging.INFO)
    async with open_thread_store(f"sqlite:///{path}") as store:
        await save_old_thread(store, days=31)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with retention.retention(store, days=30):
                while "could not be deleted" not in caplog.text:  # noqa: ASYNC110
                    await anyio.sleep(0.01)
                assert await count(store) == 1
                other.execute("ROLLBACK")
                await until_none_is_left(store)
                await save_old_thread(store, days=31)
                await until_none_is_left(store)
                await save_old_thread(store, days=29)
                await anyio.sleep(0.1)
                assert await count(store) == 1
    assert "Deleted 1 conversations" in caplog.text


async def test_nothing_goes_unless_it_is_asked_for(tmp_path: Path) -> None:
    async with open_thread_store(f"sqlite:///{tmp_path / 'threads.db'}") as store:
        await save_old_thread(store, days=10_000)
        async with retention.retention(store, days=0):
            await anyio.sleep(0.1)
            assert await count(store) == 1


async def test_a_server_deletes_what_is_too_old(tmp_path: Path, serve: Serve) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    async with open_thread_store(url) as store:
        await save_old_thread(store, days=31)
        serve(database_url=url, retention_days=30)
        await until_none_is_left(store)
