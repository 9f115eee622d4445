"""Deltas of a model's text that come close together become one, before any SDK sees them.

What an answer costs is mostly what the SDKs do for each event of the model's stream: they parse,
check, copy and convert it several times over. A reader sees no difference between a word at a time
and a few words 20 times a second, so these are joined where they cost nothing yet: in the body of
the HTTP response. The first text goes on at once, and no other waits longer than the window.
What comes within it stays with the system until then, which saves reading it a piece at a time.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from httpx2 import AsyncByteStream, Response, StreamClosed

from server.agent.joined_deltas import JoinedDeltas

WINDOW_SECONDS: Final = 0.05

# What has been read with a piece is taken without waiting in much less.
_SHARE_FOR_TAKING: Final = 0.1
# Read ahead of whoever takes the events, who may be slow: a few frames of any size.
_MOST_BYTES: Final = 1 << 16


async def coalesce(response: Response) -> None:
    """Join the deltas of a streamed response; a hook of the HTTP client."""
    if response.headers.get("content-type", "").startswith("text/event-stream") and isinstance(
        response.stream, AsyncByteStream
    ):
        response.stream = CoalescedStream(response.stream)


class CoalescedStream(AsyncByteStream):
    """A body that is read as it comes, and handed on in a piece for each window.

    One task reads the body and closes it, however often this is iterated: each iteration goes on
    where the one before stopped. The OpenAI client begins a second one after a stream's `[DONE]`,
    while its first is not at its end; a reader for each would meet on one connection.
    """

    def __init__(self, body: AsyncByteStream, *, seconds: float = WINDOW_SECONDS) -> None:
        self._body = body
        self._seconds = seconds
        self._deltas = JoinedDeltas()
        self._next_deltas_at = 0.0
        self._arrived = asyncio.Event()
        self._urgent = asyncio.Event()
        self._taken = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield whole events, and at last what there is of one that was cut.

        Raises what the body raises, after all that came before it.
        """
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._end)
        reading = self._reading
        while not reading.done():
            await self._wait_for_events()
            if events := self._take():
                yield events
        if events := self._deltas.take_rest():
            yield events
        if reading.cancelled():
            raise StreamClosed
        reading.result()

    async def aclose(self) -> None:
        """Stop reading and close the body."""
        if self._reading is None:
            await self._body.aclose()
            return
        self._reading.cancel()
        await asyncio.wait([self._reading])

    async def _read(self) -> None:
        now = asyncio.get_running_loop().time
        pause_again_at = 0.0
        try:
            async for part in self._body:
                self._deltas.feed(part)
                if self._deltas.size:
                    self._arrived.set()
                if self._deltas.urgent or self._deltas.size > _MOST_BYTES:
                    self._urgent.set()
                if self._deltas.size > _MOST_BYTES:
                    self._taken.clear()
                    await self._taken.wait()
                if self._deltas.shows_text and now() >= pause_again_at:
                    await asyncio.sleep(self._seconds)
                    pause_again_at = now() + self._seconds * _SHARE_FOR_TAKING
        finally:
            await self._body.aclose()

    def _end(self, reading: asyncio.Task[None]) -> None:
        if not reading.cancelled():
            # Retrieved here, because whoever has closed this stream does not ask for it any more.
            reading.exception()
        self._arrived.set()
        self._urgent.set()

    async def _wait_for_events(self) -> None:
        await self._arrived.wait()
        seconds = self._next_deltas_at - asyncio.get_running_loop().time()
        if seconds > 0 and not self._urgent.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._urgent.wait()
            except TimeoutError:
                return  # There are deltas alone.

    def _take(self) -> bytes:
        had_deltas = self._deltas.has_deltas
        events = self._deltas.take()
        self._arrived.clear()
        self._urgent.clear()
        self._taken.set()
        if had_deltas:
            self._next_deltas_at = asyncio.get_running_loop().time() + self._seconds
        return events
