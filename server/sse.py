"""Server-sent events that survive a client which goes away.

The frames are made in a task of their own. When the client disconnects, that task is cancelled
and waited for, out of reach of the cancellation that ends the request, so what it does to leave
the thread in order is finished.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing

import anyio
from chatkit.errors import ErrorCode
from chatkit.types import ErrorEvent
from starlette.responses import StreamingResponse
from starlette.types import Send

logger = logging.getLogger(__name__)

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
HEARTBEAT = b": ping\n\n"


class EventStreamResponse(StreamingResponse):
    """Streams frames as `text/event-stream`, with a comment line in each longer silence."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterable[bytes], *, heartbeat_seconds: float) -> None:
        """Stream `frames`; `heartbeat_seconds` of 0 sends no comment lines."""
        self._body = _from_own_task(guarded(frames), heartbeat_seconds or None)
        super().__init__(self._body, headers=HEADERS)

    async def stream_response(self, send: Send) -> None:
        """Send the frames; the generator is closed at once when sending is cancelled."""
        async with aclosing(self._body):
            await super().stream_response(send)


async def guarded(frames: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Pass frames on; a failure becomes one `error` event, since the status is sent already."""
    try:
        async for frame in frames:
            yield frame
    except Exception:
        logger.exception("A stream failed.")
        event = ErrorEvent(code=ErrorCode.STREAM_ERROR, allow_retry=True)
        yield b"data: " + event.model_dump_json(exclude_none=True).encode() + b"\n\n"


async def _from_own_task(
    frames: AsyncIterator[bytes], heartbeat_seconds: float | None
) -> AsyncGenerator[bytes, None]:
    # Unbounded, so that the producer is never suspended outside the frames' generator, where a
    # cancellation would not reach the code that cleans up. An answer's size bounds it.
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def produce() -> None:
        try:
            async for frame in frames:
                queue.put_nowait(frame)
        finally:
            queue.put_nowait(None)

    producer = asyncio.create_task(produce())
    waiting = asyncio.create_task(queue.get())
    try:
        while True:
            done, _ = await asyncio.wait([waiting], timeout=heartbeat_seconds)
            if not done:
                yield HEARTBEAT
                continue
            frame = waiting.result()
            if frame is None:
                return
            waiting = asyncio.create_task(queue.get())
            yield frame
    finally:
        waiting.cancel()
        producer.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([producer])
