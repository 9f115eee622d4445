"""Many streams at once, a third of them cut at random points: nothing may be left behind.

`pytest -m soak -s` tells the figures of a thousand.
"""

import asyncio
import gc
import random
import resource
import sys
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import uvicorn

from server.app import create_app
from server.settings import ServerSettings
from tests.server.serving import user_input

pytestmark = pytest.mark.timeout(600)

QUESTIONS = ("How do I run Gromit in Docker?", "How often is a job tried again?", "What is Gromit?")
AT_ONCE = 25


class Reader:
    """One reader with a thread: asks, leaves early or not, and asks again."""

    def __init__(self, http: httpx.AsyncClient, number: int) -> None:
        self.random = random.Random(number)
        self.http = http
        self.headers = {"Authorization": f"Bearer soak-reader-{number:020}"}
        self.cut = number % 3 == 0

    async def ask(self) -> None:
        body = {
            "type": "threads.create",
            "params": {"input": user_input(self.random.choice(QUESTIONS))},
        }
        leave_after = self.random.randrange(12) if self.cut else None
        async with self.http.stream(
            "POST", "/chatkit", json=body, headers=self.headers
        ) as response:
            assert response.status_code == 200
            read = 0
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    read += 1
                if leave_after is not None and read > leave_after:
                    return

    async def request(self, type_: str, **params: Any) -> Any:
        response = await self.http.post(
            "/chatkit", json={"type": type_, "params": params}, headers=self.headers
        )
        response.raise_for_status()
        return response.json()

    async def check(self) -> None:
        """Assert that the thread is in order: a question, and an answer unless it was cut."""
        [thread] = (await self.request("threads.list"))["data"]
        items = (await self.request("items.list", thread_id=thread["id"], order="asc"))["data"]
        types = [item["type"] for item in items]
        if self.cut:
            assert types[:1] == ["user_message"]
            assert set(types) <= {"user_message", "widget", "assistant_message"}
        else:
            assert types == ["user_message", "widget", "assistant_message"]
        assert len({item["id"] for item in items}) == len(items)


async def soak(settings: ServerSettings, streams: int) -> None:
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    before = asyncio.all_tasks()
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the server did not start"
        await anyio.sleep(0.01)
    base_url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    limiter = anyio.CapacityLimiter(AT_ONCE)
    async with httpx.AsyncClient(base_url=base_url, timeout=60) as http:
        readers = [Reader(http, number) for number in range(streams)]

        async def run(reader: Reader) -> None:
            async with limiter:
                await reader.ask()

        # As many at once as later, none of them cut: what is opened lazily is open then.
        async with anyio.create_task_group() as group:
            for number in range(AT_ONCE):
                group.start_soon(run, Reader(http, streams + 3 * number + 1 - streams % 3))
        idle, files = memory(), open_files()
        async with anyio.create_task_group() as group:
            for reader in readers:
                group.start_soon(run, reader)
        with anyio.fail_after(60):
            while app.state.streams.running or server.server_state.tasks:  # noqa: ASYNC110
                await anyio.sleep(0.02)
        for reader in readers:
            await reader.check()
        grown = memory() - idle
        figures = f"{grown / 2**20:.1f} MiB and {open_files() - files} files more"
        sys.stdout.write(f"{streams} streams: {figures}\n")
        assert grown < 60 * 2**20
        # Both ends of each connection that is kept for the next request are in this process.
        assert open_files() <= files + 2 * AT_ONCE + 25, "connections are left"
    server.should_exit = True
    with anyio.fail_after(60):
        await serving
    assert asyncio.all_tasks() - before == set(), "tasks are left"


def memory() -> int:
    """Return the bytes that this process has in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize(
    "streams",
    [
        30,
        pytest.param(300, marks=pytest.mark.slow),
        pytest.param(1000, marks=pytest.mark.soak),
    ],
)
async def test_streams_leave_nothing_behind(settings: ServerSettings, streams: int) -> None:
    await soak(settings.model_copy(update={"heartbeat_seconds": 0}), streams)
