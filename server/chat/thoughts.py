"""What a reasoning model tells of its thoughts becomes one workflow item, ahead of the answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from chatkit.types import (
    DurationSummary,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    Workflow,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from server.chat.cited_message import utc_now

# Each update carries the whole thought, so they come a few words at a time, and not without end.
_STEP = 80
_LONGEST = 4_000


@dataclass(slots=True)
class _Thought:
    """One thought: all of it, how much of it was shown, and its place in the item once it was."""

    text: str = ""
    shown: int = 0
    place: int | None = None


class Thoughts:
    """The thoughts of one turn; there is no item until there is a thought.

    `clean` makes a thought fit to be read: it is the model's text as much as its answer is.
    """

    def __init__(
        self, *, thread_id: str, new_item_id: Callable[[], str], clean: Callable[[str], str]
    ) -> None:
        self._thread_id = thread_id
        self._new_item_id = new_item_id
        self._clean = clean
        self._id: str | None = None
        self._began = utc_now()
        self._thoughts: dict[int, _Thought] = {}
        self._tasks: list[ThoughtTask] = []

    def write(self, index: int, text: str) -> Iterator[ThreadStreamEvent]:
        """Take what thought number `index` is so far."""
        if index not in self._thoughts:
            yield from self._show_rest()
            self._thoughts[index] = _Thought()
        thought = self._thoughts[index]
        thought.text = text
        if not thought.shown or len(text) - thought.shown >= _STEP:
            yield from self._show(thought)

    def end(self) -> Iterator[ThreadStreamEvent]:
        """End the item, if there is one; a later thought begins another."""
        yield from self._show_rest()
        if self._id is not None:
            yield ThreadItemDoneEvent(item=self._item(ended=utc_now()))
        self._id = None
        self._thoughts, self._tasks = {}, []

    def _show_rest(self) -> Iterator[ThreadStreamEvent]:
        for thought in self._thoughts.values():
            if len(thought.text) > thought.shown:
                yield from self._show(thought)

    def _show(self, thought: _Thought) -> Iterator[ThreadStreamEvent]:
        text = thought.text
        thought.shown = len(text)
        content = self._clean(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…").strip()
        if not content:
            return
        task = ThoughtTask(content=content)
        if thought.place is None:
            yield from self._begin()
            thought.place = len(self._tasks)
            self._tasks.append(task)
            yield self._update(WorkflowTaskAdded(task=task, task_index=thought.place))
        elif content != self._tasks[thought.place].content:
            self._tasks[thought.place] = task
            yield self._update(WorkflowTaskUpdated(task=task, task_index=thought.place))

    def _begin(self) -> Iterator[ThreadStreamEvent]:
        if self._id is None:
            self._id = self._new_item_id()
            self._began = utc_now()
            yield ThreadItemAddedEvent(item=self._item())

    def _update(self, update: WorkflowTaskAdded | WorkflowTaskUpdated) -> ThreadItemUpdatedEvent:
        return ThreadItemUpdatedEvent(item_id=self._id or "", update=update)

    def _item(self, *, ended: datetime | None = None) -> WorkflowItem:
        summary = None
        if ended is not None:
            summary = DurationSummary(duration=int((ended - self._began).total_seconds()))
        return WorkflowItem(
            id=self._id or "",
            thread_id=self._thread_id,
            created_at=self._began,
            workflow=Workflow(type="reasoning", tasks=list(self._tasks), summary=summary),
        )
