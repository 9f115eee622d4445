"""The ChatKit server: requests of a ChatKit client, answered from the docs."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import anyio
from chatkit.actions import Action
from chatkit.server import (
    DEFAULT_PAGE_SIZE,
    ChatKitServer,
    NonStreamingResult,
    StreamingResult,
)
from chatkit.store import NotFoundError
from chatkit.types import (
    AudioInput,
    ChatKitReq,
    FeedbackKind,
    InferenceOptions,
    InputTranscribeReq,
    ItemsListReq,
    NonStreamingReq,
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
    ThreadsDeleteReq,
    ThreadStreamEvent,
    TranscriptionResult,
    UserMessageInput,
    UserMessageItem,
    UserMessageTextContent,
    WidgetItem,
    is_streaming_req,
)
from pydantic import BaseModel

from server.agent.assistant import Assistant
from server.attachments.files import ReaderAttachments
from server.attachments.transcription import Transcriber
from server.chat.answering import Answering
from server.chat.card_actions import ASK, CardActions
from server.chat.duplicates import RepeatedMessages
from server.chat.failures import reader_error
from server.chat.judged_answers import judged_answer
from server.chat.listing import is_visible, visible_items
from server.chat.preconditions import check_request
from server.chat.sdk_stores import StoredOnce
from server.chat.turn_ends import how_it_ended
from server.chat.wire import to_wire
from server.context import RequestContext
from server.errors import RetrievalUnavailable
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from server.streaming.pacing import paced
from store.resources import Resources


class DocsChatServer(ChatKitServer[RequestContext]):
    """Answers each message of a reader with a run of the assistant."""

    def __init__(
        self,
        resources: Resources,
        assistant: Assistant,
        settings: ServerSettings,
        *,
        attachments: ReaderAttachments,
        transcriber: Transcriber,
    ) -> None:
        threads = resources.threads
        super().__init__(StoredOnce(reads=threads.reads, writes=threads.writes), attachments)
        self._threads = threads
        self._attachments = attachments
        self._transcriber = transcriber
        self._settings = settings
        self._answering = Answering(resources, assistant, settings)
        self._cards = CardActions(resources.threads, Retriever(resources.embedder, resources.index))
        self._repeated = RepeatedMessages(resources.threads, seconds=settings.duplicate_seconds)

    async def carry_out(
        self, request: ChatKitReq, context: RequestContext
    ) -> StreamingResult | NonStreamingResult:
        """Do as `process` does with a parsed request; the SDK makes a parser for each."""
        if is_streaming_req(request):
            return StreamingResult(self._process_streaming(request, context))
        return NonStreamingResult(await self._process_non_streaming(request, context))

    async def check(self, request: ChatKitReq, context: RequestContext) -> None:
        """Refuse what could not be carried out; raises `RequestRefused`, `NotFoundError`."""
        match request:
            case ThreadsCreateReq() | ThreadsAddUserMessageReq():
                await self._attachments.check_sendable(request.params.input.attachments, context)
            case InputTranscribeReq():
                self._transcriber.check(request)
        await check_request(request, self._threads, self._settings, context)

    async def respond(
        self,
        thread: ThreadMetadata,
        input_user_message: UserMessageItem | None,
        context: RequestContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Stream the answer to the last message of the thread."""
        async for event in self._answering.answer(thread, input_user_message, context):
            yield event

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
        """Keep a reader's verdict on items, and on which answer it is; the last one counts."""
        about = None
        if item_ids:
            about = await judged_answer(self._threads, thread_id, item_ids[0], context)
        await self._threads.save_feedback(
            thread_id, item_ids, feedback, context=context, about=about
        )

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: RequestContext
    ) -> None:
        """Store the partial answer and a hidden marker, whatever is being cancelled around it.

        A reader who leaves when the turn has ended, and only its title is to come, cuts nothing.
        """
        with anyio.CancelScope(shield=True):
            try:
                # What goes with the turn's end is stored before the SDK takes it for stored.
                stored = all(item.id in context.stored for item in pending_items)
                if stored and await self._has_ended(thread, context):
                    return
                await super().handle_stream_cancelled(thread, pending_items, context)
            except NotFoundError:
                # The reader has deleted the thread meanwhile.
                return

    async def _has_ended(self, thread: ThreadMetadata, context: RequestContext) -> bool:
        last = await self._threads.load_thread_items(thread.id, None, 1, "desc", context=context)
        return how_it_ended(last.data) is not None

    async def transcribe(
        self, audio_input: AudioInput, context: RequestContext
    ) -> TranscriptionResult:
        """Return what is said in a recording."""
        return await self._transcriber.transcribe(audio_input, context.meter)

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
        if isinstance(request, ThreadsDeleteReq):
            await self._attachments.delete_files_of_thread(request.params.thread_id, context)
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
        taken = await self._repeated.take(
            request,
            lambda thread: self._build_user_message_item(request.params.input, thread, context),
            context,
        )
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
        try:
            async with self._repeated.answering(message, context):
                async for event in self._process_events(
                    thread,
                    context,
                    lambda: self._answering.answer(thread, message, context, begins=taken.begins),
                ):
                    yield event
        except asyncio.CancelledError:
            # The SDK does not notice a reader who leaves before the answer has begun.
            if not await self._repeated.is_answered(message, context):
                await self.handle_stream_cancelled(thread, [], context)
            raise

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
