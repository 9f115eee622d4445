"""Deltas of a model's text that come close together become one, before any SDK sees them.

What an answer costs is mostly what the SDKs do for each event of the model's stream: they parse,
check, copy and convert it several times over. A reader sees no difference between a word at a time
and a few words 25 times a second, so these are joined where they cost nothing yet: in the body of
the HTTP response. The first text goes on at once, and no other waits longer than the window.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from httpx2 import AsyncByteStream, Response
from pydantic_core import from_json, to_json

WINDOW_SECONDS: Final = 0.04

# Read ahead of whoever takes the events, who may be slow: a few frames of any size.
_MOST_BYTES: Final = 1 << 16

_END: Final = b"\n\n"
# What events of others may end with; those are handed on together, but not joined.
_ENDS: Final = (_END, b"\r\n\r\n", b"\r\r")
_DATA: Final = b"data: "
_TEXTS: Final = frozenset(
    {
        "response.output_text.delta",
        "response.refusal.delta",
        "response.function_call_arguments.delta",
    }
)
# Differ from event to event, and say nothing once two are one.
_VOLATILE: Final = frozenset({"sequence_number", "obfuscation"})


async def coalesce(response: Response) -> None:
    """Join the deltas of a streamed response; a hook of the HTTP client."""
    if response.headers.get("content-type", "").startswith("text/event-stream") and isinstance(
        response.stream, AsyncByteStream
    ):
        response.stream = CoalescedStream(response.stream)


class CoalescedStream(AsyncByteStream):
    """A body that is read as it comes, and handed on in a piece for each window."""

    def __init__(self, body: AsyncByteStream, *, seconds: float = WINDOW_SECONDS) -> None:
        self._body = body
        self._seconds = seconds
        self._received = bytearray()
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield whole events, and at last what there is of one that was cut."""
        self._reading = reading = asyncio.create_task(self._read())
        while not reading.done() or self._received:
            await self._arrived.wait()
            self._arrived.clear()
            length = len(self._received) if reading.done() else _whole_events(self._received)
            events = bytes(self._received[:length])
            del self._received[:length]
            self._taken.set()
            if events:
                yield join_deltas(events)
                await asyncio.wait([reading], timeout=self._seconds)
        reading.result()

    async def aclose(self) -> None:
        """Stop reading and close the body."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
            if not self._reading.cancelled():
                self._reading.exception()  # Nobody is there any more whom it could be told.
        await self._body.aclose()

    async def _read(self) -> None:
        try:
            async for part in self._body:
                self._received += part
                self._arrived.set()
                if len(self._received) > _MOST_BYTES:
                    self._taken.clear()
                    await self._taken.wait()
        finally:
            self._arrived.set()


def join_deltas(events: bytes) -> bytes:
    """Join neighbouring events that differ in their text alone; others stay as they are."""
    joined: list[bytes | _Delta] = []
    for raw in events.split(_END):
        event = _read(raw)
        last = joined[-1] if joined else None
        if isinstance(event, _Delta) and isinstance(last, _Delta) and last.alike == event.alike:
            last.texts += event.texts
        else:
            joined.append(event)
    return _END.join(event.written if isinstance(event, _Delta) else event for event in joined)


@dataclass(slots=True)
class _Delta:
    """A text event: `slot` of `holder`, a part of `event`, is where its text stands."""

    raw: bytes
    head: bytes
    event: dict[str, Any]
    holder: dict[str, Any]
    slot: str
    alike: dict[str, Any]
    texts: list[str]

    @property
    def written(self) -> bytes:
        """The event as it is sent on."""
        if len(self.texts) == 1:
            return self.raw
        self.holder[self.slot] = "".join(self.texts)
        return self.head + to_json(self.event)


def _read(raw: bytes) -> "bytes | _Delta":
    head, mark, data = raw.rpartition(_DATA)
    if not mark or b'"delta"' not in data:
        return raw
    try:
        event = from_json(data)
    except ValueError:
        return raw
    match event:
        case {"type": kind, "delta": str(text)} if kind in _TEXTS:
            holder, slot = event, "delta"
        case {"object": "chat.completion.chunk", "choices": [{"delta": {"content": str(text)}}]}:
            holder, slot = event["choices"][0]["delta"], "content"
        case _:
            return raw
    holder[slot] = ""
    alike = {name: value for name, value in event.items() if name not in _VOLATILE}
    return _Delta(raw, head + mark, event, holder, slot, alike, [text])


def _whole_events(received: bytearray) -> int:
    """Return how many bytes end with the last event that is whole."""
    ends = ((received.rfind(end), len(end)) for end in _ENDS)
    return max((place + length for place, length in ends if place >= 0), default=0)
