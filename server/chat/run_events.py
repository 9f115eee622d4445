"""A run's events as the ChatKit SDK reads them."""

from collections.abc import AsyncIterator

from agents import (
    AgentUpdatedStreamEvent,
    RawResponsesStreamEvent,
    RunItemStreamEvent,
    RunResultStreaming,
    StreamEvent,
)
from chatkit.agents import AgentContext

from server.context import RequestContext
from server.streaming.pacing import Listening

# The SDK makes a task of each event, and passes these over. Of the run's own events it looks at the
# calls of tools alone.
_UNSEEN = frozenset(
    {
        "response.created",
        "response.in_progress",
        "response.completed",
        "response.content_part.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
    }
)


class RunEvents:
    """A run's events for the SDK, which reads them in tasks that it leaves behind when it is cut.

    Such a task must end, and not by an exception that nobody would retrieve. Nor may the SDK keep
    a workflow of its own: `Thoughts` makes what the reader sees of it.
    """

    def __init__(
        self,
        run: RunResultStreaming,
        context: AgentContext[RequestContext],
        listening: Listening,
    ) -> None:
        self._run = run
        self._context = context
        self._listening = listening
        self._events = run.stream_events()
        self._left = False

    def stream_events(self) -> AsyncIterator[StreamEvent]:
        """Return the events, as a run does."""
        return self

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self

    async def __anext__(self) -> StreamEvent:
        while True:
            try:
                event = await anext(self._events)
            except StopAsyncIteration:
                self._context.workflow_item = None
                if not self._left:
                    raise
                return AgentUpdatedStreamEvent(self._run.current_agent)
            if isinstance(event, RawResponsesStreamEvent):
                self._listening.heard()
                if event.data.type not in _UNSEEN:
                    return event
            elif isinstance(event, RunItemStreamEvent) and event.item.type == "tool_call_item":
                return event

    def leave(self) -> None:
        """Stop the model, if it is not at its end."""
        self._left = True
        if not self._run.is_complete:
            self._run.cancel()
