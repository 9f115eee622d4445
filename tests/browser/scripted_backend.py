"""A ChatKit backend for the widget's tests: it streams what each test scripts, in the SDK's types.

It keeps threads in memory as a real one would, so that reloading, retrying and stopping can be
seen; it knows nothing of the widget.
"""

import itertools
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ChatKitReq,
    ClientToolCallItem,
    ItemsFeedbackReq,
    ItemsListReq,
    Page,
    StreamOptions,
    StreamOptionsEvent,
    StructuredInputAnswer,
    StructuredInputItem,
    SyncCustomActionResponse,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadStreamEvent,
    UserMessageInput,
    UserMessageItem,
)
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, TypeAdapter

from tests.browser.scripted_files import ScriptedFiles

REQUEST: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)


@dataclass
class Turn:
    """What a script knows of the turn that it answers."""

    thread_id: str
    new_id: Callable[[], str]

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Wait:
    """A step of a script at which the stream stays until the test sets the gate."""

    gate: threading.Event


@dataclass(frozen=True)
class Cut:
    """A step of a script at which the connection breaks."""


Step = ThreadStreamEvent | Wait | Cut
Script = Callable[[Turn], Iterable[Step]]


@dataclass(frozen=True)
class Refusal:
    """An answer other than 200."""

    status: int
    code: str = "refused"
    message: str = "Refused."
    headers: dict[str, str] = field(default_factory=dict)


class ScriptedBackend:
    """Answers each question by the next script, and refuses as many requests as were queued."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, so that one server does for all tests."""
        self.scripts: deque[Script] = deque()
        self.refusals: deque[Refusal] = deque()
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str] = []
        self.feedback: list[tuple[list[str], str]] = []
        self.actions: list[tuple[str, Any]] = []
        self.changed_items: deque[ThreadItem] = deque()
        self.tool_results: list[Any] = []
        self.pages: list[tuple[str, str]] = []
        self.models: list[str] = []
        self.searched: list[str] = []
        self.cookies: list[str] = []
        self.files = ScriptedFiles()
        self.threads: dict[str, Thread] = {}
        self._ids = itertools.count(1)

    def router(self) -> APIRouter:
        """Build the routes that the widget asks of a backend."""
        router = APIRouter()
        router.add_api_route("/chatkit", self._handle, methods=["POST"], response_model=None)
        router.add_api_route("/entities", self._entities)
        router.add_api_route("/features", self._features)
        router.add_api_route("/files/{file_id}", self._upload, methods=["POST"])
        router.add_api_route("/files/{file_id}", self._read, methods=["GET"])
        return router

    def last_input(self) -> dict[str, Any]:
        """Return the last message as it was sent."""
        found: dict[str, Any] = self.requests[-1]["params"]["input"]
        return found

    def questions(self) -> list[str]:
        """Return the text of every question that was asked, repeats included."""
        return [
            request["params"]["input"]["content"][0]["text"]
            for request in self.requests
            if "input" in request["params"]
        ]

    async def _handle(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append(await request.json())
        self.authorizations.append(request.headers.get("authorization", ""))
        self.cookies.append(request.headers.get("cookie", ""))
        parsed = REQUEST.validate_json(body)
        if self.refusals:
            refusal = self.refusals.popleft()
            error = {"error": {"code": refusal.code, "message": refusal.message}}
            return JSONResponse(error, status_code=refusal.status, headers=refusal.headers)
        thread_id = getattr(parsed.params, "thread_id", None)
        if thread_id is not None and thread_id not in self.threads:
            return JSONResponse({"error": {"code": "not_found"}}, status_code=404)
        stream = self._stream(parsed)
        if stream is not None:
            return StreamingResponse(self._frames(request, stream), media_type="text/event-stream")
        return Response(_json(self._answer(parsed, request)), media_type="application/json")

    def _answer(self, parsed: ChatKitReq, request: Request) -> BaseModel:
        match parsed:
            case ThreadsGetByIdReq(params=params):
                thread = self.threads[params.thread_id]
                items = thread.items.data
                page: Page[ThreadItem] = Page(data=items[:20], has_more=len(items) > 20)
                return thread.model_copy(update={"items": page})
            case ThreadsListReq():
                threads = list(reversed(self.threads.values()))
                return Page(data=[one.model_copy(update={"items": Page()}) for one in threads])
            case ItemsListReq(params=params):
                items = list(reversed(self.threads[params.thread_id].items.data))
                start = next((i + 1 for i, item in enumerate(items) if item.id == params.after), 0)
                data = items[start : start + (params.limit or 20)]
                more = start + len(data) < len(items)
                return Page(data=data, has_more=more, after=data[-1].id if more else None)
            case ThreadsDeleteReq(params=params):
                del self.threads[params.thread_id]
            case ItemsFeedbackReq(params=params):
                self.feedback.append((params.item_ids, params.kind))
            case AttachmentsCreateReq(params=params):
                return self.files.create(params, str(request.base_url).rstrip("/"))
            case AttachmentsDeleteReq(params=params):
                self.files.delete(params.attachment_id)
            case ThreadsSyncCustomActionReq(params=params):
                self.actions.append((params.action.type, params.action.payload))
                item = self.changed_items.popleft()
                _replace(self.threads[params.thread_id], item)
                return SyncCustomActionResponse(updated_item=item)
        return Page()

    def _features(self) -> dict[str, Any]:
        return {**self.files.features(), "models": self.models}

    async def _upload(self, file_id: str, request: Request) -> Response:
        return await self.files.upload(file_id, request)

    async def _read(self, file_id: str, request: Request) -> Response:
        return self.files.read(file_id, request)

    def _entities(self, q: str = "") -> dict[str, Any]:
        self.searched.append(q)
        found = [(url, title) for url, title in self.pages if q.casefold() in title.casefold()]
        return {
            "entities": [
                {"id": url, "title": title, "data": {"url": url, "path": url.strip("/")}}
                for url, title in found
            ]
        }

    def _stream(self, request: ChatKitReq) -> AsyncGenerator[Step] | None:
        match request:
            case ThreadsCreateReq(params=params):
                thread = Thread(id=self._new_id(), created_at=datetime.now(UTC), items=Page())
                self.threads[thread.id] = thread
                return self._turn(thread, params.input, first=[ThreadCreatedEvent(thread=thread)])
            case ThreadsAddUserMessageReq(params=params):
                return self._turn(self.threads[params.thread_id], params.input)
            case ThreadsRetryAfterItemReq(params=params):
                thread = self.threads[params.thread_id]
                place = [item.id for item in thread.items.data].index(params.item_id)
                del thread.items.data[place + 1 :]
                return self._play(thread)
            case ThreadsAddClientToolOutputReq(params=params):
                thread = self.threads[params.thread_id]
                call = thread.items.data[-1]
                assert isinstance(call, ClientToolCallItem)
                assert call.status == "pending"
                call.status, call.output = "completed", params.result
                self.tool_results.append(params.result)
                return self._play(thread)
            case ThreadsAddStructuredInputReq(params=params):
                thread = self.threads[params.thread_id]
                form = next(item for item in thread.items.data if item.id == params.item_id)
                assert isinstance(form, StructuredInputItem)
                form = form.model_copy(deep=True, update={"status": params.input.status})
                for field_ in form.inputs:
                    if field_.id in params.input.answers:
                        given = params.input.answers[field_.id]
                        field_.answer = StructuredInputAnswer(**given.model_dump())
                return self._play(thread, first=[ThreadItemReplacedEvent(item=form)])
            case ThreadsCustomActionReq(params=params):
                self.actions.append((params.action.type, params.action.payload))
                return self._play(self.threads[params.thread_id])
        return None

    async def _turn(
        self,
        thread: Thread,
        message: UserMessageInput,
        first: Iterable[ThreadStreamEvent] = (),
    ) -> AsyncGenerator[Step]:
        for event in first:
            yield event
        item = UserMessageItem(
            id=self._new_id(),
            thread_id=thread.id,
            created_at=datetime.now(UTC),
            content=message.content,
            attachments=[self.files.attachments[id_] for id_ in message.attachments],
            quoted_text=message.quoted_text,
            inference_options=message.inference_options,
        )
        thread.items.data.append(item)
        if thread.title is None:
            thread.title = message.content[0].text
        yield ThreadItemDoneEvent(item=item)
        async for step in self._play(thread):
            yield step

    async def _play(
        self, thread: Thread, first: Iterable[ThreadItemReplacedEvent] = ()
    ) -> AsyncGenerator[Step]:
        yield StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=True))
        for event in first:
            _replace(thread, event.item)
            yield event
        script = self.scripts.popleft()
        begun: dict[str, ThreadItem] = {}
        try:
            for step in script(Turn(thread.id, self._new_id)):
                match step:
                    case ThreadItemAddedEvent(item=item):
                        begun[item.id] = item
                    case ThreadItemDoneEvent(item=item):
                        begun.pop(item.id, None)
                        thread.items.data.append(item)
                    case ThreadItemUpdatedEvent(
                        item_id=item_id, update=AssistantMessageContentPartTextDelta(delta=delta)
                    ):
                        _grow(begun[item_id], delta)
                    case ThreadItemReplacedEvent(item=item):
                        _replace(thread, item)
                yield step
        finally:
            # What was begun when the reader went away is kept, as the SDK keeps it.
            thread.items.data.extend(begun.values())

    async def _frames(self, request: Request, steps: AsyncGenerator[Step]) -> AsyncIterator[bytes]:
        yield b": ping\n\n"
        async with aclosing(steps):
            async for step in steps:
                if isinstance(step, Wait):
                    while not step.gate.is_set():
                        if await request.is_disconnected():
                            return
                        await anyio.sleep(0.01)
                elif isinstance(step, Cut):
                    raise ConnectionAbortedError
                else:
                    yield b"data: " + _json(step) + b"\n\n"

    def _new_id(self) -> str:
        return f"id_{next(self._ids)}"


def _grow(item: ThreadItem, delta: str) -> None:
    if isinstance(item, AssistantMessageItem):
        item.content = item.content or [AssistantMessageContent(text="")]
        item.content[0].text += delta


def _replace(thread: Thread, item: ThreadItem) -> None:
    ids = [other.id for other in thread.items.data]
    thread.items.data[ids.index(item.id)] = item


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json(exclude_none=True, by_alias=True).encode()
