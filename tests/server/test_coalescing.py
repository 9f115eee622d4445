"""Deltas that come close together are one event before anything is spent on each."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import AsyncByteStream

from server.agent.coalescing import CoalescedStream, join_deltas


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


def test_neighbours_of_one_text_become_one() -> None:
    [joined] = events(join_deltas(text_event("Hel", 4) + text_event("lo 🌍", 5)))
    assert joined == events(text_event("Hello 🌍", 4))[0]


def test_chunks_of_chat_completions_become_one() -> None:
    begin, end = chunk({"role": "assistant", "content": ""}), chunk({"content": "c"}, "stop")
    joined = join_deltas(begin + chunk({"content": "a"}) + chunk({"content": "b"}) + end)
    assert events(joined) == events(begin + chunk({"content": "ab"}) + end)


@pytest.mark.parametrize(
    "second",
    [
        text_event("b", item_id="msg_2"),
        text_event("b", content_index=1),
        text_event("b", logprobs=[{"token": "b"}]),
        text_event("b", type="response.audio.delta"),
        text_event("b").replace(b'"delta": "b"', b'"delta": ["b"]'),
        b'data: {"type": "response.output_text.delta", "delta": "b\n\n',
        b"event: ping\n\n",
        b": a comment\n\n",
        b"data: [DONE]\n\n",
    ],
)
def test_what_differs_in_more_than_its_text_stays_as_it_is(second: bytes) -> None:
    body = text_event("a") + second + text_event("c")
    assert join_deltas(body) == body


class Body(AsyncByteStream):
    """Hands on the parts that a test puts in; an exception is raised."""

    def __init__(self) -> None:
        self.parts: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.read = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self.parts.get()) is not None:
            if isinstance(part, Exception):
                raise part
            self.read += 1
            yield part

    async def aclose(self) -> None:
        self.closed = True


async def test_the_first_text_goes_on_at_once_and_the_next_ones_together() -> None:
    body = Body()
    stream = CoalescedStream(body, seconds=30)
    received = aiter(stream)

    body.parts.put_nowait(text_event("first"))
    assert await anext(received) == text_event("first")

    for part in (text_event("a"), text_event("b")[:20], text_event("b")[20:], None):
        body.parts.put_nowait(part)
    # The window is over when the body is.
    [joined] = events(await anext(received))
    assert joined["delta"] == "ab"
    with pytest.raises(StopAsyncIteration):
        await anext(received)


async def test_what_comes_after_the_window_comes_by_itself() -> None:
    body = Body()
    received = aiter(CoalescedStream(body, seconds=0.001))
    for text in ("a", "b"):
        body.parts.put_nowait(text_event(text))
        assert await anext(received) == text_event(text)


async def test_events_of_other_line_ends_are_handed_on_as_they_come() -> None:
    body = Body()
    received = aiter(CoalescedStream(body))
    crlf = text_event("a").replace(b"\n", b"\r\n")
    body.parts.put_nowait(crlf + crlf[:10])
    assert await anext(received) == crlf


async def test_a_failure_comes_after_all_that_came_before_it() -> None:
    body = Body()
    received = aiter(CoalescedStream(body))
    body.parts.put_nowait(text_event("a") + b"data: cut")
    body.parts.put_nowait(ConnectionResetError())
    assert await anext(received) == text_event("a") + b"data: cut"
    with pytest.raises(ConnectionResetError):
        await anext(received)


async def test_closing_stops_the_reading() -> None:
    body = Body()
    stream = CoalescedStream(body)
    body.parts.put_nowait(text_event("a"))
    await anext(aiter(stream))
    await stream.aclose()
    body.parts.put_nowait(text_event("b"))
    await asyncio.sleep(0)
    assert body.closed
    assert body.read == 1


async def test_no_more_is_read_ahead_than_a_bound() -> None:
    body = Body()
    received = aiter(CoalescedStream(body, seconds=30))
    long = text_event("x" * 50_000)
    for _ in range(10):
        body.parts.put_nowait(long)
    await anext(received)
    for _ in range(20):
        await asyncio.sleep(0)
    assert body.read <= 4
