"""The ChatKit server: requests of a ChatKit client, answered from the docs."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import anyio
from agents import RunResultStreaming
from chatkit.actions import Action
from chatkit.agents import AgentContext, stream_agent_response
from chatkit.server import DEFAULT_PAGE_SIZE, ChatKitServer
from chatkit.store import NotFoundError
from chatkit.types import (
    ClientToolCallItem,
    FeedbackKind,
    InferenceOptions,
    ItemsListReq,
    NonStreamingReq,
    ProgressUpdateEvent,
    StreamingReq,
    StreamOptionsEvent,
    SyncCustomActionResponse,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
    UserMessageInput,
    UserMessageItem,
    UserMessageTextContent,
    WidgetItem,
)
from pydantic import BaseModel

from server.answer_stream import AnswerStream
from server.assistant import Assistant
from server.card_actions import ASK, CardActions
from server.context import RequestContext
from server.duplicates import Ending, RepeatedMessages, TakenMessage, turn_end
from server.entities import read_mentioned
from server.errors import RetrievalUnavailable
from server.failures import RUN_FAILURES, reader_error
from server.history import HistoryConverter, load_history, thread_title
from server.listing import is_visible, visible_items
from server.pacing import paced
from server.retrieval import Retriever
from server.settings import ServerSettings
from server.streams import uninterrupted
from server.turn import ClientCall, Turn
from server.wire import to_wire
from store.resources import Resources
from store.threads.payloads import utc_now


class DocsChatServer(ChatKitServer[RequestContext]):
    """Answers each message of a reader with a run of the assistant."""

    def __init__(
        self, resources: Resources, assistant: Assistant, settings: ServerSettings
    ) -> None:
        threads = resources.threads
        super().__init__(threads)
        self._threads = threads
        self._index = resources.index
        self._cards = CardActions(threads, Retriever(resources.embedder, resources.index))
        self._assistant = assistant
        self._history_items = settings.history_items
        self._repeated = RepeatedMessages(threads, seconds=settings.duplicate_seconds)

    async def respond(
        self,
        thread: ThreadMetadata,
        input_user_message: UserMessageItem | None,
        context: RequestContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Stream the answer to the last message of the thread."""
        # Nothing may come after an error, so the title comes first.
        if thread.title is None and input_user_message is not None:
            yield await self._name(thread, thread_title(input_user_message), context)
        yield ProgressUpdateEvent(icon="sparkle", text="Thinking")
        agent_context = AgentContext[RequestContext](
            thread=thread, store=self.store, request_context=context
        )
        turn = Turn(report=agent_context.stream, client_tools=context.client_tools)
        answer = AnswerStream(
            turn,
            thread_id=thread.id,
            new_item_id=lambda: self.store.generate_item_id("message", thread, context),
        )
        run: RunResultStreaming | None = None
        complete = False
        try:
            items = await load_history(self.store, thread, context, limit=self._history_items)
            mentioned = await read_mentioned(items, self._index, turn)
            conversation = await HistoryConverter(mentioned).to_agent_input(items)
            context.meter.begin()
            run = self._assistant.start(conversation, turn)
            async for event in stream_agent_response(agent_context, run):
                for shown in answer.convert(event):
                    yield shown
            complete = True
        except RUN_FAILURES as error:
            for shown in answer.finish():
                yield shown
            yield self._turn_end(thread, "failed", context)
            raise reader_error(error) from error
        finally:
            if run is not None:
                usage = run.context_wrapper.usage
                context.meter.record(
                    read=usage.input_tokens, written=usage.output_tokens, complete=complete
                )
                if not run.is_complete:
                    run.cancel()
            # The SDK leaves a task behind that waits for an event; nobody sees this one.
            await agent_context.stream(ProgressUpdateEvent(text=""))
        for shown in answer.finish():
            yield shown
        if turn.client_call is not None:
            yield ThreadItemDoneEvent(item=self._tool_call(thread, turn.client_call, context))
        else:
            yield self._turn_end(thread, "completed", context)

    async def action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: RequestContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Carry out an action of a Card of sources; `check_request` lets no other pass."""
        if sender is None:
            return
        if action.type == ASK:
            message = UserMessageInput(
                content=[UserMessageTextContent(text=str(action.payload["question"]))],
                attachments=[],
                inference_options=InferenceOptions(),
            )
            item = await self._build_user_message_item(message, thread, context)
            yield ThreadItemDoneEvent(item=item)
            async for event in self.respond(thread, item, context):
                yield event
        else:
            try:
                card = await self._cards.change(action.type, thread, sender, context)
            except RetrievalUnavailable as error:
                raise reader_error(error) from error
            yield ThreadItemReplacedEvent(item=card)

    async def sync_action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: RequestContext,
    ) -> SyncCustomActionResponse:
        """Change a Card of sources, which is stored here: the SDK only hands it on."""
        if sender is None:
            return SyncCustomActionResponse()
        card = await self._cards.change(action.type, thread, sender, context)
        await self.store.save_item(thread.id, card, context=context)
        return SyncCustomActionResponse(updated_item=card)

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
            try:
                await super().handle_stream_cancelled(thread, pending_items, context)
            except NotFoundError:
                # The reader has deleted the thread meanwhile.
                return

    async def _name(
        self, thread: ThreadMetadata, title: str | None, context: RequestContext
    ) -> ThreadUpdatedEvent:
        # Not by changing `thread`, which the SDK would store and thereby make again if the reader
        # has deleted it meanwhile.
        named = thread.model_copy(update={"title": title})
        await self._threads.update_thread(named, context=context)
        return ThreadUpdatedEvent(thread=self._to_thread_response(named))

    def _turn_end(
        self, thread: ThreadMetadata, ending: Ending, context: RequestContext
    ) -> ThreadItemDoneEvent:
        item_id = self.store.generate_item_id("sdk_hidden_context", thread, context)
        return ThreadItemDoneEvent(item=turn_end(item_id, thread.id, ending))

    def _tool_call(
        self, thread: ThreadMetadata, call: ClientCall, context: RequestContext
    ) -> ClientToolCallItem:
        return ClientToolCallItem(
            id=self.store.generate_item_id("tool_call", thread, context),
            thread_id=thread.id,
            created_at=utc_now(),
            call_id=call.call_id,
            name=call.name,
            arguments=dict(call.arguments),
        )

    async def _process_streaming_impl(
        self, request: StreamingReq, context: RequestContext
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        match request:
            case ThreadsCreateReq() | ThreadsAddUserMessageReq():
                events = self._take_message(request, context)
            case _:
                events = super()._process_streaming_impl(request, context)
        async for event in events:
            yield event

    async def _process_non_streaming(
        self, request: NonStreamingReq, context: RequestContext
    ) -> bytes:
        if not isinstance(request, ItemsListReq):
            return await super()._process_non_streaming(request, context)
        params = request.params
        return self._serialize(
            await visible_items(
                self._threads,
                params.thread_id,
                after=params.after,
                limit=params.limit or DEFAULT_PAGE_SIZE,
                order=params.order,
                context=context,
            )
        )

    async def _load_full_thread(self, thread_id: str, context: RequestContext) -> Thread:
        thread = await self.store.load_thread(thread_id, context=context)
        items = await visible_items(
            self._threads,
            thread_id,
            after=None,
            limit=DEFAULT_PAGE_SIZE,
            order="asc",
            context=context,
        )
        return Thread(**thread.model_dump(), items=items)

    async def _take_message(
        self, request: ThreadsCreateReq | ThreadsAddUserMessageReq, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Store a message and answer it; one that repeats another shares its answer."""
        # A reader who leaves at once must not leave a thread behind that has no message.
        taken = await uninterrupted(self._store_message(request, context))
        thread, message = taken.thread, taken.message
        if isinstance(request, ThreadsCreateReq):
            yield ThreadCreatedEvent(thread=self._to_thread_response(thread))
        yield ThreadItemDoneEvent(item=message)
        if taken.repeats:
            answer = await self._repeated.wait_for_answer(message, context)
            if answer is not None:
                yield StreamOptionsEvent(stream_options=self.get_stream_options(thread, context))
                for item in filter(is_visible, answer):
                    yield ThreadItemDoneEvent(item=item)
                return
            for item in await self._repeated.items_after(message, context):
                await self.store.delete_thread_item(thread.id, item.id, context=context)
        try:
            async for event in self._process_events(
                thread, context, lambda: self.respond(thread, message, context)
            ):
                yield event
        except asyncio.CancelledError:
            # The SDK does not notice a reader who leaves before the answer has begun.
            if not await self._repeated.is_answered(message, context):
                await self.handle_stream_cancelled(thread, [], context)
            raise

    async def _store_message(
        self, request: ThreadsCreateReq | ThreadsAddUserMessageReq, context: RequestContext
    ) -> TakenMessage:
        message = request.params.input
        if isinstance(request, ThreadsCreateReq):
            thread = await self._repeated.thread_for(message, context)
        else:
            thread = await self.store.load_thread(request.params.thread_id, context=context)
        item = await self._build_user_message_item(message, thread, context)
        for attachment in item.attachments:
            await self.store.save_attachment(attachment, context=context)
        stored = await self._repeated.store(item, context)
        return TakenMessage(thread, stored, repeats=stored.id != item.id)

    async def _process_events(
        self,
        thread: ThreadMetadata,
        context: RequestContext,
        stream: Callable[[], AsyncIterator[ThreadStreamEvent]],
    ) -> AsyncIterator[ThreadStreamEvent]:
        answer = stream()
        try:
            async for event in super()._process_events(thread, context, lambda: paced(answer)):
                yield event
        finally:
            # The SDK leaves it to the garbage collector, and with it the run of the model.
            if isinstance(answer, AsyncGenerator):
                await answer.aclose()

    def _serialize(self, obj: BaseModel) -> bytes:
        return to_wire(obj)
