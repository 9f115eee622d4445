"""The server: requests take steps of the script."""

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.contract.quick_server import QuickServer
from tests.mock_openai import chat, embeddings, refusals, responses
from tests.mock_openai.steps import Call, Failure, Pause, Reply, Reset, Text
from tests.mock_openai.wire import ConnectionCut, Frame, Json, sse


@dataclass
class RecordedRequest:
    """A request as it came in, and what became of it.

    `closed` is set when the server is done with it; `finished` tells whether the whole reply was
    sent, and not left by the client or cut.
    """

    path: str
    headers: dict[str, str]
    json: Json
    finished: bool = False
    closed: threading.Event = field(default_factory=threading.Event)


Answer = Reply | Text | Call | Failure | Reset
Step = Answer | Callable[[RecordedRequest], Answer]
"""What one request gets; a function sees the request first."""


class MockOpenAI:
    """Serve `steps` in order; usable from any thread and any event loop.

    `embedding_failures` are the answers to the first requests for embeddings. Steps may be
    endless (`itertools.repeat`), which `assert_complete` then can't be used with. Requests for a
    conversation's title come beside the others at any time: they take no step, get `title`, which
    as an empty text is none, and are kept apart in `title_requests`.
    """

    def __init__(
        self,
        steps: Iterable[Step] = (),
        *,
        embedding_failures: Iterable[Failure] = (),
        title: Answer | None = None,
    ) -> None:
        self.requests: list[RecordedRequest] = []
        self.title_requests: list[RecordedRequest] = []
        self._title = title or Text("")
        self.problems: list[str] = []
        self._steps = iter(steps)
        self._embedding_failures = iter(embedding_failures)
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        routes = [
            Route("/v1/responses", self._responses, methods=["POST"]),
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/embeddings", self._embeddings, methods=["POST"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, log_level="critical")
        config.timeout_graceful_shutdown = 1
        # Longer than clients keep a connection: one that the server closes just as it is used again
        # is a failed call, which takes a step of the script.
        config.timeout_keep_alive = 60
        self._server = QuickServer(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("The mock server did not start.")
            time.sleep(0.002)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
        self._server.stop()
        self._thread.join(timeout=10)
        self._socket.close()

    def release(self) -> None:
        """Let every open-ended `Pause` go on, those still to come too."""
        self._released.set()

    def assert_complete(self) -> None:
        """Fail unless every step was taken and no request was refused or came unexpectedly."""
        assert not self.problems, f"The mock refused requests: {self.problems}"
        left = list(self._steps)
        assert not left, f"{len(left)} steps of the script were not taken: {left}"

    async def _responses(self, request: Request) -> Response:
        recorded = await self._record(request)
        problem = refusals.problem_of_response_request(recorded.headers, recorded.json)
        answer = self._refuse(problem) if problem else self._take(recorded)
        if isinstance(answer, Failure):
            return _failure(answer, recorded)
        if isinstance(answer, Reset):
            return _reset(request, recorded)
        if recorded.json.get("stream"):
            return self._stream(recorded, responses.response_frames(recorded.json, answer))
        return self._whole(recorded, answer, responses.response_body(recorded.json, answer))

    async def _chat(self, request: Request) -> Response:
        recorded = await self._record(request)
        problem = refusals.problem_of_chat_request(recorded.headers, recorded.json)
        answer = self._refuse(problem) if problem else self._take(recorded)
        if isinstance(answer, Failure):
            return _failure(answer, recorded)
        if isinstance(answer, Reset):
            return _reset(request, recorded)
        if recorded.json.get("stream"):
            return self._stream(recorded, chat.chat_frames(recorded.json, answer))
        return self._whole(recorded, answer, chat.chat_body(recorded.json, answer))

    async def _embeddings(self, request: Request) -> Response:
        recorded = await self._record(request)
        with self._lock:
            failure = next(self._embedding_failures, None)
        problem = refusals.problem_of_embedding_request(recorded.headers, recorded.json)
        if failure is None and problem:
            failure = self._refuse(problem)
        if failure is not None:
            return _failure(failure, recorded)
        return _ClosingResponse(
            _once(json.dumps(embeddings.embeddings_body(recorded.json))), recorded
        )

    async def _record(self, request: Request) -> RecordedRequest:
        recorded = RecordedRequest(
            request.url.path.removeprefix("/v1"), dict(request.headers), await request.json()
        )
        kept = self.title_requests if _is_for_title(recorded.json) else self.requests
        with self._lock:
            kept.append(recorded)
        return recorded

    def _take(self, recorded: RecordedRequest) -> Reply | Failure | Reset:
        if _is_for_title(recorded.json):
            title = self._title
            return Reply((title,)) if isinstance(title, Text | Call) else title
        with self._lock:
            step = next(self._steps, None)
        if step is None:
            return self._refuse(Failure(400, "The script has no step left for this request."))
        answer = step if isinstance(step, Answer) else step(recorded)
        return Reply((answer,)) if isinstance(answer, Text | Call) else answer

    def _refuse(self, problem: Failure) -> Failure:
        with self._lock:
            self.problems.append(problem.message)
        return problem

    def _stream(self, recorded: RecordedRequest, frames: Iterator[Frame]) -> Response:
        async def events() -> AsyncIterator[str]:
            for frame in frames:
                if isinstance(frame, Pause):
                    await self._wait(frame)
                else:
                    yield sse(frame)

        return _ClosingResponse(events(), recorded, media_type="text/event-stream")

    def _whole(self, recorded: RecordedRequest, reply: Reply, body: Json) -> Response:
        async def chunks() -> AsyncIterator[str]:
            for item in reply.output:
                for part in item.parts:
                    if isinstance(part, Pause):
                        await self._wait(part)
            text = json.dumps(body)
            if reply.end == "cut":
                yield text[: len(text) // 2]
                raise ConnectionCut
            yield text

        return _ClosingResponse(chunks(), recorded)

    async def _wait(self, pause: Pause) -> None:
        if pause.seconds is not None:
            await anyio.sleep(pause.seconds)
            return
        # The event belongs to another thread than this loop, so it can only be asked.
        while not self._released.is_set():  # noqa: ASYNC110
            await anyio.sleep(0.005)


class _ClosingResponse(StreamingResponse):
    """A stream that notes in its request how it ended."""

    def __init__(
        self,
        content: AsyncIterator[str],
        recorded: RecordedRequest,
        media_type: str = "application/json",
    ) -> None:
        super().__init__(content, media_type=media_type)
        self._recorded = recorded

    async def stream_response(self, send: Send) -> None:
        await super().stream_response(send)
        self._recorded.finished = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._recorded.closed.set()


def _is_for_title(request: Json) -> bool:
    """Tell whether the model is asked for a title, in either API."""
    messages = request.get("messages") or [{}]
    instructions = request.get("instructions") or messages[0].get("content")
    return isinstance(instructions, str) and instructions.startswith("Write a title")


async def _once(text: str) -> AsyncIterator[str]:
    yield text


def _failure(failure: Failure, recorded: RecordedRequest) -> Response:
    recorded.finished = True
    recorded.closed.set()
    return JSONResponse(failure.body, status_code=failure.status, headers=failure.headers)


def _reset(request: Request, recorded: RecordedRequest) -> Response:
    """Drop the connection. ASGI can't, so it is done by the server's own object."""
    recorded.closed.set()
    cycle: Any = request.receive
    cycle.__self__.transport.abort()
    return Response()
