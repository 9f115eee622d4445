"""The streams that this process is answering with, each made in a task of its own.

When a reader goes away, that task is cancelled and waited for, out of reach of the cancellation
that ends the request, so what it does to leave the thread in order is finished. Or it is let run
to its end, for readers who come back to a finished answer.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager

import anyio
from chatkit.errors import ErrorCode
from chatkit.types import ErrorEvent

from server.streaming.pacing import Pace, use_pace

logger = logging.getLogger(__name__)

HEARTBEAT = b": ping\n\n"

# Answers without a reader get this long to end when the server stops.
_FINISH_SECONDS = 10


class RunningStreams:
    """Starts streams and knows which of them, and of their responses, are not at their end."""

    def __init__(self, *, finish_on_disconnect: bool = False) -> None:
        self._finish = finish_on_disconnect
        self._tasks: set[asyncio.Task[None]] = set()
        self._responses = 0
        self._no_response = asyncio.Event()
        self._no_response.set()

    @property
    def running(self) -> int:
        """How many streams are not at their end."""
        return len(self._tasks)

    @asynccontextmanager
    async def reading(self, frames: AsyncIterable[bytes]) -> AsyncIterator["FrameReader"]:
        """Start making frames; when the block is left early, their maker is told."""
        self._responses += 1
        self._no_response.clear()
        reader = FrameReader(frames)
        self._tasks.add(reader.task)
        reader.task.add_done_callback(self._tasks.discard)
        try:
            yield reader
        finally:
            try:
                with anyio.CancelScope(shield=True):
                    await reader.leave(finish=self._finish)
            finally:
                self._responses -= 1
                if not self._responses:
                    self._no_response.set()

    async def aclose(self) -> None:
        """Wait for the streams to end; those that take too long are cancelled."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FINISH_SECONDS if self._finish else 0)
        for task in self._tasks:
            # One that has been told already is storing what there is of its answer.
            if not task.cancelling():
                task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._no_response.wait()


class FrameReader:
    """Reads the frames that a task of its own makes."""

    def __init__(self, frames: AsyncIterable[bytes]) -> None:
        self._pace = Pace()
        # Not bounded by itself: a task that waits to put a frame is suspended outside the frames'
        # generator, where a cancellation would not reach the code that cleans up.
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.task = asyncio.create_task(self._make(guarded(frames)))

    async def read(self, heartbeat_seconds: float | None) -> AsyncGenerator[bytes, None]:
        """Yield the frames, those that wait at once, and a comment line in each longer silence."""
        ended = False
        while not ended:
            try:
                async with asyncio.timeout(heartbeat_seconds):
                    frame = await self._queue.get()
            except TimeoutError:
                yield HEARTBEAT
                continue
            frames = []
            while frame is not None:
                frames.append(frame)
                self._pace.taken()
                if self._queue.empty():
                    break
                frame = self._queue.get_nowait()
            ended = frame is None
            if frames:
                yield b"".join(frames)

    async def leave(self, *, finish: bool) -> None:
        """Stop the task and wait for it or, with `finish`, let it go on alone."""
        self._pace.release()
        if not finish:
            self.task.cancel()
            await asyncio.wait([self.task])

    async def _make(self, frames: AsyncIterator[bytes]) -> None:
        use_pace(self._pace)
        try:
            async for frame in frames:
                if self._pace.has_reader:
                    self._pace.made()
                    self._queue.put_nowait(frame)
        finally:
            self._queue.put_nowait(None)


async def guarded(frames: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Pass frames on; a failure becomes one `error` event, since the status is sent already."""
    try:
        async for frame in frames:
            yield frame
    except Exception:
        logger.exception("A stream failed.")
        yield error_frame()


def error_frame() -> bytes:
    """Return the event that a stream ends with when it breaks off."""
    event = ErrorEvent(code=ErrorCode.STREAM_ERROR, allow_retry=True)
    return b"data: " + event.model_dump_json(exclude_none=True).encode() + b"\n\n"
