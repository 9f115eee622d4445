"""Deltas that come close together are one event before anything is spent on each."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import AsyncByteStream, StreamClosed

from server.agent.coalescing import CoalescedStream
from server.agent.joined_deltas import JoinedDeltas


def text_event(text: str, number: int = 1, **changed: Any) -> bytes:
    event = {
        "type": "response.output_text.delta",
        "item_id": "msg_1",
        "output_index": 0,
        "content_index": 0,
        "delta": text,
        "logprobs": [],
        "sequence_number": number,
    }
    written = json.dumps(event | changed)
    return f"event: response.output_text.delta\ndata: {written}\n\n".encode()


def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    event = {"id": "chatcmpl_1", "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {json.dumps(event)}\n\n".encode()


def events(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(part.split(b"data: ")[1]) for part in body.split(b"\n\n") if part]


def joined(*parts: bytes) -> bytes:
    deltas = JoinedDeltas()
    for part in parts:
        deltas.feed(part)
    return deltas.take_rest()


def test_neighbours_of_one_text_become_one() -> None:
    [event] = events(joined(text_event("Hel", 4) + text_event("lo 🌍", 5)))
    assert event == events(text_event("Hello 🌍", 4))[0]


def test_chunks_of_chat_completions_become_one() -> None:
    begin, end = chunk({"role": "assistant", "content": ""}), chunk({"content": "c"}, "stop")
    body = joined(begin + chunk({"content": "a"}) + chunk({"content": "b"}) + end)
    assert events(body) == events(begin + chunk({"content": "ab"}) + end)


@pytest.mark.parametrize(
    "second",
    [
        text_event("b", item_id="msg_2"),
        text_event("b", content_index=1),
        text_event("b", logprobs=[{"token": "b"}]),
        text_event("b", type="response.audio.delta"),
        text_event("b").replace(b'"delta": "b"', b'"delta": ["b"]'),
        text_event("b").replace(b'data: {"type"', b'data: {\ndata: "type"'),
        b'data: {"type": "response.output_text.delta", "delta": "b\n\n',
        chunk({"role": "assistant", "content": ""}),
        b"event: ping\n\n",
        b": a comment\n\n",
        b"data: [DONE]\n\n",
    ],
)
def test_what_differs_in_more_than_its_text_stays_as_it_is(second: bytes) -> None:
    body = text_event("a") + second + text_event("c")
    assert joined(body) == body


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_however_its_lines_end_and_wherever_it_is_cut_a_stream_says_the_same(end: bytes) -> None:
    body = text_event("a") + text_event("data: b") + b"data: [DONE]\n\n" + text_event("c")
    expected = joined(body)
    sent = body.replace(b"\n", end)
    for size in (1, 2, 7, len(sent)):
        parts = [sent[start : start + size] for start in range(0, len(sent), size)]
        assert joined(*parts).replace(b"\r", b"\n") == expected


def test_events_that_repeat_what_others_say_are_left_out() -> None:
    deltas = JoinedDeltas()
    deltas.feed(b'event: response.in_progress\ndata: {"type":"response.in_progress"}\n\n')
    assert (deltas.size, deltas.urgent) == (0, False)
    deltas.feed(b'event: response.created\ndata: {"type":"response.created"}\n\n')
    assert deltas.take().startswith(b"event: response.created\n")


def test_what_a_snapshot_repeats_of_the_request_is_left_out() -> None:
    response = {"id": "resp_1", "object": "response", "output": [{"type": "message"}]}
    request = {"tools": [{"type": "function"}], "instructions": "Answer."}
    event = {"type": "response.completed", "response": {**response, **request}}
    [sent] = events(joined(b"data: %b\n\n" % json.dumps(event).encode()))
    assert sent["response"] == {**response, "tools": [], "instructions": None}


class Body(AsyncByteStream):
    """Hands on the parts that a test puts in; an exception is raised. It has one reader."""

    def __init__(self) -> None:
        self.parts: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.read = 0
        self.readers = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.readers += 1
        while (part := await self.parts.get()) is not None:
            if isinstance(part, Exception):
                raise part
            self.read += 1
            yield part

    async def aclose(self) -> None:
        self.closed = True


async def until_failure(
    parts: AsyncIterator[bytes], failure: type[Exception]
) -> AsyncIterator[bytes]:
    with pytest.raises(failure):  # noqa: PT012  the failure comes after some of them
        async for part in parts:
            yield part


async def test_the_first_text_goes_on_at_once_and_the_next_ones_together() -> None:
    body = Body()
    received = aiter(CoalescedStream(body, seconds=0.3))

    body.parts.put_nowait(b"data: {}\n\n")
    assert await anext(received) == b"data: {}\n\n"
    body.parts.put_nowait(text_event("first"))
    assert await anext(received) == text_event("first")

    for part in (text_event("a"), text_event("b")[:20], text_event("b")[20:], None):
        body.parts.put_nowait(part)
    # The window is over when the body is.
    [event] = events(await anext(received))
    assert event["delta"] == "ab"
    with pytest.raises(StopAsyncIteration):
        await anext(received)


async def test_what_is_no_text_takes_the_text_before_it_along_at_once() -> None:
    body = Body()
    received = aiter(CoalescedStream(body, seconds=0.3))
    body.parts.put_nowait(text_event("first"))
    await anext(received)

    for part in (text_event("a"), text_event("b"), b"data: {}\n\n"):
        body.parts.put_nowait(part)
    text, other = events(await anext(received))
    assert text["delta"] == "ab"
    assert other == {}


async def test_what_comes_after_the_window_comes_by_itself() -> None:
    body = Body()
    received = aiter(CoalescedStream(body, seconds=0.001))
    for text in ("a", "b"):
        body.parts.put_nowait(text_event(text))
        assert await anext(received) == text_event(text)


async def test_one_who_begins_again_goes_on_with_the_one_reader() -> None:
    # As the OpenAI client does after `[DONE]`, to use the connection again.
    body = Body()
    stream = CoalescedStream(body)
    body.parts.put_nowait(b"data: [DONE]\n\n")
    first = aiter(stream)
    assert await anext(first) == b"data: [DONE]\n\n"

    rest = aiter(stream)
    body.parts.put_nowait(b": the end\n\n")
    assert await anext(rest) == b": the end\n\n"
    body.parts.put_nowait(None)
    for iterator in (rest, first):
        with pytest.raises(StopAsyncIteration):
            await anext(iterator)
    assert body.readers == 1
    assert body.closed


async def test_a_failure_comes_after_all_that_came_before_it() -> None:
    body = Body()
    received = aiter(CoalescedStream(body))
    body.parts.put_nowait(text_event("a") + b"data: cut")
    body.parts.put_nowait(ConnectionResetError())
    came = [part async for part in until_failure(received, ConnectionResetError)]
    assert b"".join(came) == text_event("a") + b"data: cut"


async def test_closing_stops_the_reading() -> None:
    body = Body()
    stream = CoalescedStream(body)
    body.parts.put_nowait(text_event("a"))
    received = aiter(stream)
    await anext(received)
    await stream.aclose()
    body.parts.put_nowait(text_event("b"))
    await asyncio.sleep(0)
    assert body.closed
    assert body.read == 1
    with pytest.raises(StreamClosed):
        await anext(received)


async def test_one_that_nobody_reads_is_closed() -> None:
    body = Body()
    await CoalescedStream(body).aclose()
    assert body.closed


async def test_one_who_is_cancelled_leaves_the_body_to_be_read_on() -> None:
    body = Body()
    stream = CoalescedStream(body)

    async def read() -> bytes:
        return await anext(aiter(stream))

    waiting = asyncio.create_task(read())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    body.parts.put_nowait(text_event("a"))
    assert await read() == text_event("a")
    await stream.aclose()


async def test_no_more_is_read_ahead_than_a_bound() -> None:
    body = Body()
    received = aiter(CoalescedStream(body, seconds=0.3))
    long = text_event("x" * 50_000)
    for _ in range(10):
        body.parts.put_nowait(long)
    body.parts.put_nowait(None)
    came = await anext(received)
    for _ in range(20):
        await asyncio.sleep(0)
    assert body.read <= 4
    async for part in received:
        came += part
    assert sum(len(event["delta"]) for event in events(came)) == 500_000
