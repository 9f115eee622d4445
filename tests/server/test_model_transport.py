"""Requests to a model's endpoint: by which way they go, and what is told of those that fail."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from server.agent.model_transport import model_http_client

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

FIRST_REQUESTS = """
import asyncio, sys
from server.agent.model_transport import model_http_client

async def main():
    async with model_http_client() as client:
        replies = await asyncio.gather(*(client.get(sys.argv[1]) for _ in range(8)))
        print([reply.status_code for reply in replies])

asyncio.run(main())
"""

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def answer(writer: asyncio.StreamWriter) -> None:
    writer.write(ANSWER)


async def cut(writer: asyncio.StreamWriter) -> None:
    writer.write(ANSWER.replace(b"Length: 2", b"Length: 3"))
    writer.close()


async def leave(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def be_silent(writer: asyncio.StreamWriter) -> None:
    return


class Endpoint:
    def __init__(self) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.connections = 0
        self.open = 0
        self.all_closed = asyncio.Event()


@asynccontextmanager
async def serving(reply: Reply) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        endpoint.connections += 1
        endpoint.open += 1
        try:
            while line := await reader.readline():
                if b"HTTP/1.1" in line:
                    endpoint.requests.append(line.decode().strip())
                if line == b"\r\n":
                    await reply(writer)
        finally:
            writer.close()
            endpoint.open -= 1
            if not endpoint.open:
                endpoint.all_closed.set()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        endpoint.url = f"http://{host}:{port}"
        yield endpoint


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def test_connections_are_kept_for_the_next_request_and_closed_at_the_end() -> None:
    async with serving(answer) as endpoint:
        async with model_http_client() as client:
            await asyncio.gather(*(client.get(endpoint.url) for _ in range(3)))
            at_first = endpoint.connections
            for _ in range(3):
                await client.get(endpoint.url)
            assert endpoint.connections == at_first <= 3
            assert endpoint.open == at_first
        await asyncio.wait_for(endpoint.all_closed.wait(), 10)
        assert len(endpoint.requests) == 6


async def test_the_first_requests_of_a_process_may_come_at_once() -> None:
    async with serving(answer) as endpoint:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", FIRST_REQUESTS, endpoint.url],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
        )
    assert done.stdout == f"{[200] * 8}\n", done.stderr


async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answer) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with model_http_client() as client:
            await client.get("http://model.example/v1")
        assert proxy.requests == ["GET http://model.example/v1 HTTP/1.1"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [(cut, httpx2.ReadError), (be_silent, httpx2.ReadTimeout), (leave, httpx2.ConnectError)],
)
async def test_what_fails_is_told_as_by_any_transport(
    reply: Reply, error: type[httpx2.TransportError]
) -> None:
    async with serving(reply) as endpoint, model_http_client() as client:
        with pytest.raises(error):
            await client.get(endpoint.url, timeout=httpx2.Timeout(10, read=0.2))


async def test_an_endpoint_that_is_not_there_is_told(free_tcp_port: int) -> None:
    async with model_http_client() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"http://127.0.0.1:{free_tcp_port}")
