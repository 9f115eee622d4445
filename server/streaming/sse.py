"""Server-sent events, for readers who read slowly, go away, or are there when the server stops."""

import asyncio
from collections.abc import AsyncIterable
from contextlib import aclosing

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from server.streaming.streams import RunningStreams, error_frame

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


class EventStreamResponse(StreamingResponse):
    """Streams frames as `text/event-stream`, with a comment line in each longer silence."""

    media_type = "text/event-stream"

    def __init__(
        self, frames: AsyncIterable[bytes], *, streams: RunningStreams, heartbeat_seconds: float
    ) -> None:
        """Stream `frames`; `heartbeat_seconds` of 0 sends no comment lines."""
        super().__init__(frames, headers=HEADERS)
        self._frames = frames
        self._streams = streams
        self._heartbeat_seconds = heartbeat_seconds or None

    async def stream_response(self, send: Send) -> None:
        """Send the frames as they are made."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        async with (
            self._streams.reading(self._frames) as reader,
            aclosing(reader.read(self._heartbeat_seconds)) as frames,
        ):
            async for frame in frames:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; a reader who is still there when the server stops is told."""
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            # A reader who goes away ends the sending only: the request itself is cancelled by a
            # server that stops, when its time for running answers is over.
            with anyio.CancelScope(shield=True):
                await send(
                    {"type": "http.response.body", "body": error_frame(), "more_body": False}
                )
            raise
