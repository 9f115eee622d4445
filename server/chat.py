"""The ChatKit server: requests of a ChatKit client, answered from the docs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import anyio
from chatkit.agents import AgentContext, stream_agent_response
from chatkit.server import ChatKitServer
from chatkit.types import (
    FeedbackKind,
    Page,
    ProgressUpdateEvent,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadMetadata,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
    UserMessageItem,
)
from pydantic import BaseModel
from pydantic_core import to_json

from server.answer_stream import AnswerStream
from server.assistant import Assistant
from server.context import RequestContext
from server.failures import RUN_FAILURES, reader_error
from server.history import load_conversation, thread_title
from server.turn import Turn
from store.threads.store import ThreadStore

_Excluded = set[str] | dict[str, Any] | None


class DocsChatServer(ChatKitServer[RequestContext]):
    """Answers each message of a reader with a run of the assistant."""

    def __init__(self, threads: ThreadStore, assistant: Assistant, *, history_items: int) -> None:
        super().__init__(threads)
        self._threads = threads
        self._assistant = assistant
        self._history_items = history_items

    async def respond(
        self,
        thread: ThreadMetadata,
        input_user_message: UserMessageItem | None,
        context: RequestContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Stream the answer to the last message of the thread."""
        if thread.title is None and input_user_message is not None:
            thread.title = thread_title(input_user_message)
        # The SDK announces the title after the next event; nothing may come after an error.
        yield ProgressUpdateEvent(icon="sparkle", text="Thinking")
        conversation = await load_conversation(
            self.store, thread, context, limit=self._history_items
        )
        agent_context = AgentContext[RequestContext](
            thread=thread, store=self.store, request_context=context
        )
        turn = Turn(report=agent_context.stream)
        answer = AnswerStream(
            turn,
            thread_id=thread.id,
            new_item_id=lambda: self.store.generate_item_id("message", thread, context),
        )
        run = self._assistant.start(conversation, turn)
        try:
            async for event in stream_agent_response(agent_context, run):
                for shown in answer.convert(event):
                    yield shown
        except RUN_FAILURES as error:
            for shown in answer.finish():
                yield shown
            raise reader_error(error) from error
        finally:
            if not run.is_complete:
                run.cancel()
        for shown in answer.finish():
            yield shown

    async def add_feedback(
        self,
        thread_id: str,
        item_ids: list[str],
        feedback: FeedbackKind,
        context: RequestContext,
    ) -> None:
        """Keep a reader's verdict on items of a thread; the last one counts."""
        await self._threads.save_feedback(thread_id, item_ids, feedback, context=context)

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: RequestContext
    ) -> None:
        """Store the partial answer and a hidden marker, whatever is being cancelled around it."""
        with anyio.CancelScope(shield=True):
            await super().handle_stream_cancelled(thread, pending_items, context)

    def _serialize(self, obj: BaseModel) -> bytes:
        # A thread's metadata is the server's own; the SDK empties it and sends it nevertheless.
        match obj:
            case Thread():
                exclude: _Excluded = {"metadata"}
            case ThreadCreatedEvent() | ThreadUpdatedEvent():
                exclude = {"thread": {"metadata"}}
            case Page(data=[Thread(), *_]):
                exclude = {"data": {"__all__": {"metadata"}}}
            case _:
                exclude = None
        content = obj.model_dump(
            by_alias=True,
            exclude=exclude,
            exclude_none=True,
            context={"exclude_metadata": True},
        )
        # The SDK's datetimes name no zone, and browsers would read them as local time.
        return to_json(_with_zone(content))


def _with_zone(value: Any) -> Any:
    match value:
        case datetime() if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        case dict():
            return {key: _with_zone(entry) for key, entry in value.items()}
        case list():
            return [_with_zone(entry) for entry in value]
        case _:
            return value
