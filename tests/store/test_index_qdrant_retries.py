"""Requests of an ingest to a Qdrant server are sent again when that may help, over real HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import anyio
import pytest

from store.errors import IndexUnavailableError
from store.index.qdrant_collections import Collections, connect, engine_errors
from tests.contract.loopback_http import Received, Reply, loopback

DONE = Reply({"result": {"aliases": []}, "status": "ok", "time": 0.0})
OVERLOADED = Reply({"status": {"error": "overloaded"}}, status=503)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long was waited, in fact not at all."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        await anyio.lowlevel.checkpoint()

    monkeypatch.setattr("store.index.qdrant_retries.anyio.sleep", wait)
    return waited


async def ask(replies: Sequence[Reply]) -> int:
    """Send a request to a server that answers with the replies in turn; count its requests."""
    left = list(replies)

    def answer(_: Received) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    with loopback(answer) as server:
        collections = Collections(connect(server.url, None), name="docs", url=server.url)
        collections.retry_requests()
        try:
            with engine_errors():
                assert await collections.target() is None
        finally:
            await collections.client.close()
        return len(server.received)


async def test_what_may_pass_is_sent_again_after_longer_and_longer_waits(
    waits: list[float],
) -> None:
    assert await ask([OVERLOADED, OVERLOADED, OVERLOADED, DONE]) == 4
    assert 0.25 <= waits[0] <= 0.5 <= waits[1] <= 1 <= waits[2] <= 2


async def test_it_waits_as_long_as_it_is_asked_to(waits: list[float]) -> None:
    tomorrow = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    asked = ["7", "0", tomorrow]
    busy = [Reply({}, status=429, headers={"Retry-After": value}) for value in asked]
    assert await ask([*busy, DONE]) == 4
    assert waits == [7.0, 0.0, 60.0]


async def test_a_failure_that_stays_is_told_in_the_end(waits: list[float]) -> None:
    with pytest.raises(IndexUnavailableError, match=r"503 .*overloaded"):
        await ask([OVERLOADED])
    assert len(waits) == 5


async def test_a_refusal_is_told_at_once(waits: list[float]) -> None:
    with pytest.raises(IndexUnavailableError, match=r"400 .*wrong"):
        await ask([Reply({"status": {"error": "wrong"}}, status=400), DONE])
    assert waits == []


async def test_a_server_that_is_away_is_asked_again(waits: list[float], free_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{free_tcp_port}"
    collections = Collections(connect(url, None), name="docs", url=url)
    collections.retry_requests()
    with pytest.raises(IndexUnavailableError, match="ConnectError"), engine_errors():
        await collections.target()
    assert len(waits) == 5
    await collections.client.close()
