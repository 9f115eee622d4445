"""What is refused, in the audit log and in the counts: each reason, and none too often."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.auth.api_keys import make_key
from server.auth.key_scopes import KeyScope
from server.errors import RequestRefused
from server.limits.prices import Prices
from server.telemetry.metrics import Metrics
from server.telemetry.refusals import Refusals
from store.threads.api_keys import add_api_key, revoke_api_key
from store.threads.audit import read_audit_log
from store.threads.engine import open_thread_store
from store.threads.store import ThreadStore

EXPIRED = RequestRefused(401, "token_expired", "…")


@pytest.fixture
async def threads(tmp_path: Path) -> AsyncIterator[ThreadStore]:
    async with open_thread_store(f"sqlite:///{tmp_path / 'threads.db'}") as store:
        yield store


async def entries(threads: ThreadStore) -> list[tuple[str, object, object]]:
    return [
        (entry.event, entry.details.get("code"), entry.details.get("count"))
        async for entry in read_audit_log(threads)
    ]


async def test_reasons_are_written_once_a_minute_with_their_number(
    threads: ThreadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics(prices=Prices({}))
    refusals = Refusals(threads, metrics)
    clock = [1000.0]
    monkeypatch.setattr("server.telemetry.refusals.time.monotonic", lambda: clock[0])
    for _ in range(5):
        await refusals.record(EXPIRED)
    await refusals.record(RequestRefused(429, "rate_limited", "…"))
    await refusals.record(RequestRefused(403, "origin_not_allowed", "…"))
    await refusals.record(RequestRefused(404, "not_found", "…"))
    assert await entries(threads) == [
        ("refused", "token_expired", 1),
        ("limit_hit", "rate_limited", 1),
        ("refused", "origin_not_allowed", 1),
    ]
    clock[0] += 61
    await refusals.record(EXPIRED)
    assert (await entries(threads))[-1] == ("refused", "token_expired", 5)
    assert 'footnote_refusals_total{code="token_expired"} 6.0' in metrics.text().decode()
    assert 'footnote_refusals_total{code="not_found"} 1.0' in metrics.text().decode()


async def test_keys_are_in_the_log_without_their_secrets(threads: ThreadStore) -> None:
    kept, key = make_key("report", scopes=[KeyScope.ASK])
    await add_api_key(threads, kept)
    await revoke_api_key(threads, kept.id)
    await revoke_api_key(threads, kept.id)
    log = [entry async for entry in read_audit_log(threads)]
    assert [entry.event for entry in log] == ["key_made", "key_revoked"]
    assert {entry.details["key"] for entry in log} == {kept.id}
    assert key[-43:] not in repr(log)
    assert kept.digest not in repr(log)
