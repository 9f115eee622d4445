"""Streams: heartbeats, failures, and clients that go away."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest
from agents import Agent, ModelResponse, RawResponsesStreamEvent, RunConfig, Runner
from agents.exceptions import ModelBehaviorError
from agents.models.interface import Model
from openai.types.responses import ResponseTextDeltaEvent
from starlette.types import Message

from server.agent.model_events import assistant_message, response_events
from server.streaming.pacing import AHEAD, PacedModel, listen, paced
from server.streaming.sse import EventStreamResponse
from server.streaming.streams import HEARTBEAT, RunningStreams


async def respond(
    frames: AsyncIterator[bytes],
    *,
    heartbeat: float = 0,
    disconnect: anyio.Event | None = None,
    streams: RunningStreams | None = None,
) -> list[bytes]:
    """Run the response as a server would and return the chunks of its body."""
    sent: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            sent.append(message["body"])

    async def receive() -> Message:
        await (disconnect or anyio.Event()).wait()
        return {"type": "http.disconnect"}

    response = EventStreamResponse(
        frames, streams=streams or RunningStreams(), heartbeat_seconds=heartbeat
    )
    await response({"type": "http", "method": "POST", "headers": []}, receive, send)
    return [chunk for chunk in sent if chunk]


async def test_frames_arrive_in_order() -> None:
    async def frames() -> AsyncIterator[bytes]:
        for number in range(100):
            yield b"%d " % number

    sent = b"".join(await respond(frames()))
    assert sent.split() == [b"%d" % number for number in range(100)]


async def test_frames_that_wait_are_sent_together() -> None:
    async def frames() -> AsyncIterator[bytes]:
        yield b"1"
        yield b"2"
        await asyncio.sleep(0.02)
        yield b"3"

    assert await respond(frames()) == [b"12", b"3"]


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

    _, last, _ = b"".join(await respond(frames())).split(b"\n\n")
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

    with anyio.fail_after(30):
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
    with anyio.fail_after(30):
        await response({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert cancelled


async def test_a_slow_reader_holds_the_answer_back() -> None:
    made = 0

    async def answer() -> AsyncIterator[bytes]:
        nonlocal made
        for _ in range(10_000):
            made += 1
            yield b"x"

    disconnect = anyio.Event()
    taken = 0

    async def send(message: Message) -> None:
        nonlocal taken
        if message["type"] == "http.response.body":
            taken += len(message["body"])
            if taken > AHEAD:
                await asyncio.sleep(0.1)
                disconnect.set()
                await asyncio.sleep(60)

    async def receive() -> Message:
        await disconnect.wait()
        return {"type": "http.disconnect"}

    streams = RunningStreams()
    response = EventStreamResponse(paced(answer()), streams=streams, heartbeat_seconds=0)
    with anyio.fail_after(30):
        await response({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert AHEAD < taken <= 2 * AHEAD
    assert AHEAD <= made - taken <= AHEAD + 5
    assert streams.running == 0


async def test_a_model_is_read_no_faster_than_its_reader_reads() -> None:
    read = 0

    class Counting(Model):
        async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
            raise NotImplementedError

        async def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            nonlocal read
            message = assistant_message("word " * 2000)
            for event in response_events(message, model="m", deltas=["word "] * 2000):
                read += 1
                yield event

    async def answer() -> AsyncIterator[bytes]:
        run = Runner.run_streamed(
            Agent(name="a", model=PacedModel(Counting())),
            "?",
            run_config=RunConfig(tracing_disabled=True),
        )
        try:
            async for event in run.stream_events():
                yield event.type.encode()
        finally:
            run.cancel()

    streams = RunningStreams()
    async with (
        streams.reading(paced(answer())) as reader,
        aclosing(reader.read(None)) as frames,
    ):
        for _ in range(5):
            await anext(frames)
        await asyncio.sleep(0.3)
    assert read < 5 * AHEAD
    assert streams.running == 0


async def test_an_answer_may_go_on_without_its_reader() -> None:
    disconnect = anyio.Event()
    finished = anyio.Event()

    async def frames() -> AsyncIterator[bytes]:
        yield b"first"
        disconnect.set()
        for _ in range(1000):
            await asyncio.sleep(0)
            yield b"more"
        finished.set()

    streams = RunningStreams(finish_on_disconnect=True)
    with anyio.fail_after(30):
        await respond(paced(frames()), disconnect=disconnect, streams=streams)
        await streams.aclose()
    assert finished.is_set()
    assert streams.running == 0


async def test_a_reader_who_is_there_when_the_server_stops_is_told() -> None:
    cleaned_up = False

    async def frames() -> AsyncIterator[bytes]:
        nonlocal cleaned_up
        try:
            yield b"first"
            await asyncio.sleep(60)
        finally:
            cleaned_up = True

    sent: list[Message] = []
    began = anyio.Event()

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("body") == b"first":
            began.set()

    async def receive() -> Message:
        await anyio.Event().wait()
        raise AssertionError

    streams = RunningStreams()
    response = EventStreamResponse(frames(), streams=streams, heartbeat_seconds=0)
    request = asyncio.create_task(
        response({"type": "http", "method": "POST", "headers": []}, receive, send)
    )
    with anyio.fail_after(30):
        await began.wait()
        request.cancel()  # as the server does when its time for running answers is over
        await streams.aclose()
        await asyncio.wait([request])
    assert cleaned_up
    assert sent[-1]["more_body"] is False
    assert json.loads(sent[-1]["body"].removeprefix(b"data: "))["type"] == "error"


async def test_what_a_model_said_before_it_failed_is_heard() -> None:
    class Failing(Model):
        async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
            raise NotImplementedError

        async def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            events = response_events(assistant_message("abc"), model="m", deltas=["a", "b", "c"])
            for event in events:
                yield event
                if isinstance(event, ResponseTextDeltaEvent) and event.delta == "c":
                    raise ModelBehaviorError("The stream broke off.")

    listening = listen()
    result = Runner.run_streamed(
        Agent(name="docs", model=PacedModel(Failing())),
        "How?",
        run_config=RunConfig(tracing_disabled=True),
    )
    heard: list[str] = []

    async def hear() -> None:
        async for event in result.stream_events():
            match event:
                case RawResponsesStreamEvent(data=ResponseTextDeltaEvent(delta=delta)):
                    # Slower than whatever time one would give it.
                    await asyncio.sleep(0.02)
                    heard.append(delta)
            if isinstance(event, RawResponsesStreamEvent):
                listening.heard()

    with pytest.raises(ModelBehaviorError):
        await hear()
    assert heard == ["a", "b", "c"]
