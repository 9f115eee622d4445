"""Sign-ins in the audit log: once a day for each user, whoever takes them."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from server.telemetry.sign_ins import SignIns
from store.threads.audit import audit_subject, read_audit_log
from store.threads.engine import open_thread_store
from store.threads.store import ThreadStore


@pytest.fixture
async def threads(tmp_path: Path) -> AsyncIterator[ThreadStore]:
    async with open_thread_store(f"sqlite:///{tmp_path / 'threads.db'}") as store:
        yield store


async def test_each_user_is_written_down_once_a_day(
    threads: ThreadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    replicas = [SignIns(threads), SignIns(threads)]
    async with anyio.create_task_group() as group:
        for replica in replicas:
            for _ in range(3):
                group.start_soon(lambda each: each.record("user::ann", mode="jwt"), replica)
    await replicas[0].record("key:1", mode="api_key")
    log = [entry async for entry in read_audit_log(threads, event="signed_in")]
    assert [(entry.subject, entry.details) for entry in log] == [
        (audit_subject("user::ann"), {"mode": "jwt"}),
        (audit_subject("key:1"), {"mode": "api_key"}),
    ]
    tomorrow = log[0].recorded_at.replace(year=log[0].recorded_at.year + 1)
    monkeypatch.setattr("server.telemetry.sign_ins.utc_now", lambda: tomorrow)
    await replicas[0].record("user::ann", mode="jwt")
    assert len([entry async for entry in read_audit_log(threads, user_id="user::ann")]) == 2
