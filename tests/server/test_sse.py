"""Streams: heartbeats, failures, and clients that go away."""

import asyncio
import json
from collections.abc import AsyncIterator

import anyio
from starlette.types import Message

from server.sse import EventStreamResponse
from server.streams import HEARTBEAT, RunningStreams


async def respond(
    frames: AsyncIterator[bytes], *, heartbeat: float = 0, disconnect: anyio.Event | None = None
) -> list[bytes]:
    """Run the response as a server would and return the chunks of its body."""
    sent: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            sent.append(message["body"])

    async def receive() -> Message:
        await (disconnect or anyio.Event()).wait()
        return {"type": "http.disconnect"}

    response = EventStreamResponse(frames, streams=RunningStreams(), heartbeat_seconds=heartbeat)
    await response({"type": "http", "method": "POST", "headers": []}, receive, send)
    return [chunk for chunk in sent if chunk]


async def test_frames_arrive_in_order() -> None:
    async def frames() -> AsyncIterator[bytes]:
        for number in range(100):
            yield b"%d" % number

    assert await respond(frames()) == [b"%d" % number for number in range(100)]


async def test_silence_is_filled_with_comments() -> None:
    async def frames() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.2)
        yield b"late"

    sent = await respond(frames(), heartbeat=0.02)
    assert sent[0] == HEARTBEAT
    assert sent[-1] == b"late"


async def test_a_failure_ends_in_one_error_event_without_its_text() -> None:
    async def frames() -> AsyncIterator[bytes]:
        yield b"data: {}\n\n"
        raise RuntimeError("secret")

    _, last = await respond(frames())
    event = json.loads(last.removeprefix(b"data: "))
    assert event == {"type": "error", "code": "stream.error", "allow_retry": True}


async def test_a_client_that_goes_away_cancels_the_work_and_waits_for_its_cleanup() -> None:
    disconnect = anyio.Event()
    cleaned_up = False

    async def frames() -> AsyncIterator[bytes]:
        nonlocal cleaned_up
        try:
            yield b"first"
            await asyncio.sleep(0.02)
            disconnect.set()
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)  # such as storing the partial answer
            cleaned_up = True
            raise

    with anyio.fail_after(5):
        assert await respond(frames(), disconnect=disconnect) == [b"first"]
    assert cleaned_up


async def test_a_client_that_does_not_read_is_cleaned_up_after_too() -> None:
    disconnect = anyio.Event()
    cancelled = False

    async def frames() -> AsyncIterator[bytes]:
        nonlocal cancelled
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            cancelled = True
            raise

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            disconnect.set()
            await asyncio.sleep(60)

    async def receive() -> Message:
        await disconnect.wait()
        return {"type": "http.disconnect"}

    response = EventStreamResponse(frames(), streams=RunningStreams(), heartbeat_seconds=0)
    with anyio.fail_after(5):
        await response({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert cancelled
