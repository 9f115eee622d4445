"""One turn of a thread: what the model is shown, and what the reader gets of what it says."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, cast

from agents import RunResultStreaming
from chatkit.agents import AgentContext, stream_agent_response
from chatkit.types import (
    ClientToolCallItem,
    ProgressUpdateEvent,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)

from server.agent.assistant import Assistant
from server.agent.offline import QUOTING
from server.agent.turn import Choice, ClientCall, Turn
from server.answer.answer_text import AnswerText
from server.attachments.text import AttachmentReader
from server.chat.answer_stream import AnswerStream
from server.chat.budget_notice import budget_notice
from server.chat.entities import read_mentioned
from server.chat.failures import RUN_FAILURES, reader_error
from server.chat.history import HistoryConverter, load_history
from server.chat.naming import Naming
from server.chat.run_events import RunEvents
from server.chat.sdk_stores import ItemsUnread
from server.chat.turn_ends import Ending, turn_end
from server.chat.version_questions import VersionQuestions
from server.context import RequestContext
from server.settings import ServerSettings
from server.streaming.pacing import listen, stop_listening
from server.usage import Meter
from store.resources import Resources
from store.threads.payloads import utc_now


class Answering:
    """Answers the last message of a thread with a run of the assistant."""

    def __init__(
        self, resources: Resources, assistant: Assistant, settings: ServerSettings
    ) -> None:
        self._threads = resources.threads
        self._items_unread = ItemsUnread(reads=self._threads.reads, writes=self._threads.writes)
        self._index = resources.index
        self._files = resources.files
        self._assistant = assistant
        self._settings = settings
        self._versions = VersionQuestions(
            resources.threads, resources.index, enabled=settings.ask_version
        )

    async def answer(
        self,
        thread: ThreadMetadata,
        message: UserMessageItem | None,
        context: RequestContext,
        *,
        begins: bool = False,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Stream the answer; a new thread gets its title from `message`.

        With `begins`, the message is all that is in the thread.
        """
        items = [message] if begins and message is not None else None
        naming = Naming(self._threads, thread, context)
        # While a budget is spent, no model is called.
        titles = self._assistant.titles if context.meter.renews_at is None else None
        try:
            async with (
                naming.begun(message, titles),
                aclosing(self._answer(thread, items, context)) as events,
            ):
                # Nothing may come after an error, so there is a title first.
                async for named in naming.first():
                    yield named
                async for event in events:
                    yield event
                    if naming.is_ready:
                        async for named in naming.better():
                            yield named
                async for named in naming.better():
                    yield named
        finally:
            context.meter.add(read=naming.usage.input_tokens, written=naming.usage.output_tokens)

    async def _answer(
        self,
        thread: ThreadMetadata,
        items: Sequence[ThreadItem] | None,
        context: RequestContext,
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        yield ProgressUpdateEvent(icon="sparkle", text="Thinking")
        agent_context = AgentContext[RequestContext](
            thread=thread, store=self._items_unread, request_context=context
        )
        turn = Turn(
            report=agent_context.stream, client_tools=context.client_tools, scope=context.scope
        )
        answer = AnswerStream(
            turn,
            thread_id=thread.id,
            new_item_id=lambda: self._threads.generate_item_id("message", thread, context),
        )
        renews_at = context.meter.renews_at
        if renews_at is not None:
            quotes = self._settings.over_budget == "quote"
            yield budget_notice(renews_at, quotes=quotes)
            if not quotes:
                yield self._turn_end(thread, "failed", answer.record(failed=True), context)
                return
        run: RunResultStreaming | None = None
        events: RunEvents | None = None
        complete = False
        try:
            if items is None:
                items = await load_history(
                    self._threads, thread, context, limit=self._settings.history_items
                )
            settled = await self._versions.settle(thread, items, turn, context)
            if settled.replaced is not None:
                yield ThreadItemReplacedEvent(item=settled.replaced)
            listening = listen()
            run = await self._start(settled.items, turn, context)
            stop_listening()
            events = RunEvents(run, agent_context, listening)
            async for event in stream_agent_response(
                agent_context, cast("RunResultStreaming", events)
            ):
                for shown in answer.convert(event):
                    yield shown
            if self._assistant.revises and answer.unsupported:
                for shown in answer.release():
                    yield shown
                yield ProgressUpdateEvent(icon="check", text="Checking the answer")
                revised = await self._assistant.revise(run, turn, answer.unsupported)
                for shown in answer.revise(revised):
                    yield shown
            complete = True
        except RUN_FAILURES as error:
            ending = [*answer.finish(failed=True)]
            ending += [self._turn_end(thread, "failed", answer.record(failed=True), context)]
            async for shown in self._stored(thread, ending, context):
                yield shown
            raise reader_error(error) from error
        finally:
            _measure(context.meter, turn, answer.texts, complete=complete)
            if events is not None:
                events.leave()
            # Another task of the SDK's waits for an event; nobody sees this one.
            await agent_context.stream(ProgressUpdateEvent(text=""))
        async for shown in self._finish(thread, turn, answer, context):
            yield shown

    async def _finish(
        self,
        thread: ThreadMetadata,
        turn: Turn,
        answer: AnswerStream,
        context: RequestContext,
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        """End a turn by its answer, by a call of the client, or by a question to the reader."""
        ending = [*answer.finish()]
        if turn.client_call is not None:
            call = self._tool_call(thread, turn.client_call, context)
            ending += [ThreadItemDoneEvent(item=call)]
        elif not turn.rival_versions:
            ending += [self._turn_end(thread, "completed", answer.record(), context)]
        async for shown in self._stored(thread, ending, context):
            yield shown
        if turn.rival_versions and turn.client_call is None:
            async for asked in self._versions.ask(thread, turn, context):
                yield asked

    async def _stored(
        self,
        thread: ThreadMetadata,
        ending: Sequence[ThreadStreamEvent],
        context: RequestContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Store the items that an answer ends with, together, before each is shown."""
        items = {
            event.item.id: event.item
            for event in ending
            if isinstance(event, ThreadItemDoneEvent | ThreadItemReplacedEvent)
        }
        if len(items) > 1:
            await self._threads.save_items(thread.id, [*items.values()], context)
            context.stored.update(items)
        for event in ending:
            yield event

    async def _start(
        self, items: Sequence[ThreadItem], turn: Turn, context: RequestContext
    ) -> RunResultStreaming:
        turn.choice = _choice(items)
        converter = HistoryConverter(
            mentioned=await read_mentioned(items, self._index, turn),
            attachments=AttachmentReader(
                self._files, context, characters=self._settings.max_attachment_characters
            ),
        )
        conversation = await converter.to_agent_input(items)
        if context.meter.renews_at is not None:
            turn.choice = Choice(model=QUOTING)
        else:
            context.meter.begin(model=turn.choice.model)
        return self._assistant.start(conversation, turn)

    def _turn_end(
        self,
        thread: ThreadMetadata,
        ending: Ending,
        record: dict[str, Any],
        context: RequestContext,
    ) -> ThreadItemDoneEvent:
        item_id = self._threads.generate_item_id("sdk_hidden_context", thread, context)
        record["generation"] = self._index.manifest.generation
        context.meter.status = record["status"]
        return ThreadItemDoneEvent(item=turn_end(item_id, thread.id, ending, record))

    def _tool_call(
        self, thread: ThreadMetadata, call: ClientCall, context: RequestContext
    ) -> ClientToolCallItem:
        return ClientToolCallItem(
            id=self._threads.generate_item_id("tool_call", thread, context),
            thread_id=thread.id,
            created_at=utc_now(),
            call_id=call.call_id,
            name=call.name,
            arguments=dict(call.arguments),
        )


def _measure(meter: Meter, turn: Turn, texts: Sequence[AnswerText], *, complete: bool) -> None:
    usage = turn.usage
    if turn.usages:
        meter.record(
            read=usage.input_tokens,
            written=usage.output_tokens,
            cached=usage.input_tokens_details.cached_tokens or 0,
            reasoning=usage.output_tokens_details.reasoning_tokens or 0,
            complete=complete,
        )
    meter.search_seconds = turn.search_seconds
    meter.citations_dropped = sum(text.dropped for text in texts)
    meter.citations_unsupported = sum(
        text.unsupported_dropped + sum(item.problem is not None for item in text.checked)
        for text in texts
    )
    meter.links_removed = sum(text.links_removed for text in texts)


def _choice(items: Sequence[ThreadItem]) -> Choice:
    """Return what the reader's client chose with the message that is being answered."""
    messages = (item for item in reversed(items) if isinstance(item, UserMessageItem))
    if (message := next(messages, None)) is None:
        return Choice()
    options = message.inference_options
    # A client's tool has been called when it reports back: the choice has had its effect.
    chosen = options.tool_choice if items[-1] is message else None
    return Choice(model=options.model or "", tool=chosen.id if chosen else "")
