"""A bare endpoint that sends the bytes of one recorded answer, frame by frame: the floor."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

_END = b"\n\n"


def create_app(answer: bytes) -> Starlette:
    """Make the application that answers everything with `answer`."""
    frames = [frame + _END for frame in answer.split(_END) if frame]

    async def stream() -> AsyncIterator[bytes]:
        for frame in frames:
            yield frame
            # As in any answer that is not ready beforehand, others have their turn.
            await asyncio.sleep(0)

    async def chatkit(request: Request) -> Response:
        await request.body()
        return StreamingResponse(stream(), media_type="text/event-stream")

    async def ready(_request: Request) -> Response:
        return PlainTextResponse("ready")

    return Starlette(routes=[Route("/chatkit", chatkit, methods=["POST"]), Route("/ready", ready)])


def main() -> None:
    """Serve until the process is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answer", type=Path, required=True, help="file with the bytes to send")
    options = parser.parse_args()
    uvicorn.run(create_app(options.answer.read_bytes()), port=options.port, log_level="critical")


if __name__ == "__main__":
    main()
