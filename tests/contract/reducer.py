"""A client's fold of a stream: what is left of it must be what `items.list` returns."""

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ErrorEvent,
    NoticeEvent,
    ProgressUpdateEvent,
    StreamOptionsEvent,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
    WidgetItem,
    WidgetRootUpdated,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)


class StreamReducer:
    """Folds thread stream events, and refuses what rule C8 and the order of events forbid."""

    def __init__(self) -> None:
        self.thread: Thread | None = None
        self.items: dict[str, ThreadItem] = {}
        self.finished: set[str] = set()
        self.progress: list[str] = []
        self.errors: list[ErrorEvent] = []
        self.types: list[str] = []

    def apply(self, event: ThreadStreamEvent) -> None:
        """Take the next event."""
        assert not self.errors, f"{event.type} came after the error"
        self.types.append(event.type)
        match event:
            case ThreadCreatedEvent() | ThreadUpdatedEvent():
                self.thread = event.thread
            case ThreadItemAddedEvent():
                assert event.item.id not in self.items, "an id was added twice"
                self.items[event.item.id] = event.item
            case ThreadItemDoneEvent():
                assert event.item.id not in self.finished, "an item was done twice"
                self._check_joined_deltas(event.item)
                self.items[event.item.id] = event.item
                self.finished.add(event.item.id)
            case ThreadItemReplacedEvent():
                assert event.item.id in self.items, "an unknown item was replaced"
                self.items[event.item.id] = event.item
            case ThreadItemRemovedEvent():
                del self.items[event.item_id]
            case ThreadItemUpdatedEvent():
                self._update(event)
            case ProgressUpdateEvent():
                self.progress.append(event.text)
            case ErrorEvent():
                self.errors.append(event)
            case StreamOptionsEvent() | NoticeEvent():
                pass
            case _:
                raise AssertionError(f"unexpected {event.type}")

    @property
    def answer(self) -> AssistantMessageItem:
        """The last message of the assistant."""
        return [item for item in self.items.values() if isinstance(item, AssistantMessageItem)][-1]

    @property
    def cards(self) -> list[WidgetItem]:
        """Every widget."""
        return [item for item in self.items.values() if isinstance(item, WidgetItem)]

    def _check_joined_deltas(self, item: ThreadItem) -> None:
        streamed = self.items.get(item.id)
        if isinstance(streamed, AssistantMessageItem) and isinstance(item, AssistantMessageItem):
            assert [part.text for part in streamed.content] == [part.text for part in item.content]
            assert [part.annotations for part in streamed.content] == [
                part.annotations for part in item.content
            ]
        if isinstance(streamed, WorkflowItem) and isinstance(item, WorkflowItem):
            assert streamed.workflow.tasks == item.workflow.tasks
            assert item.workflow.summary is not None

    def _update(self, event: ThreadItemUpdatedEvent) -> None:
        item = self.items[event.item_id]
        match item, event.update:
            case AssistantMessageItem(), AssistantMessageContentPartAdded() as update:
                assert update.content_index == len(item.content)
                item.content.append(update.content.model_copy(deep=True))
            case AssistantMessageItem(), AssistantMessageContentPartTextDelta() as update:
                assert update.delta, "an empty delta was sent"
                item.content[update.content_index].text += update.delta
            case AssistantMessageItem(), AssistantMessageContentPartAnnotationAdded() as update:
                content: AssistantMessageContent = item.content[update.content_index]
                assert update.annotation_index == len(content.annotations)
                content.annotations.append(update.annotation)
            case AssistantMessageItem(), AssistantMessageContentPartDone() as update:
                assert item.content[update.content_index] == update.content
            case WorkflowItem(), WorkflowTaskAdded() as update:
                assert update.task_index == len(item.workflow.tasks)
                item.workflow.tasks.append(update.task)
            case WorkflowItem(), WorkflowTaskUpdated() as update:
                item.workflow.tasks[update.task_index] = update.task
            case WidgetItem(), WidgetRootUpdated() as update:
                item.widget = update.widget
            case _:
                raise AssertionError(f"{event.update.type} does not fit a {item.type}")
