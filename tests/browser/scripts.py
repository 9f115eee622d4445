"""Pieces of which the browser tests make what a backend streams."""

from collections.abc import Iterable, Iterator
from typing import Any

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    URLSource,
    WidgetItem,
)
from chatkit.widgets import WidgetRoot
from pydantic import TypeAdapter

from tests.browser.scripted_backend import Script, Step, Turn

WIDGET: TypeAdapter[WidgetRoot] = TypeAdapter(WidgetRoot)


def cite(text: str, word: str, url: str, title: str = "Source") -> Annotation:
    """Make a citation behind the first `word` of `text`, counted in code points."""
    return Annotation(
        source=URLSource(url=url, title=title, description="Guide › Section"),
        index=text.index(word) + len(word),
    )


def streamed_answer(
    turn: Turn,
    pieces: Iterable[str | Step],
    annotations: Iterable[Annotation] = (),
) -> Iterator[Step]:
    """Stream an answer piece by piece, as the contract's C7 orders it."""
    item = AssistantMessageItem(
        id=turn.new_id(), thread_id=turn.thread_id, created_at=turn.now, content=[]
    )
    yield ThreadItemAddedEvent(item=item.model_copy(deep=True))
    yield _update(
        item,
        AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text="")),
    )
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            yield _update(item, AssistantMessageContentPartTextDelta(content_index=0, delta=piece))
        else:
            yield piece
    found = list(annotations)
    for place, annotation in enumerate(found):
        yield _update(
            item,
            AssistantMessageContentPartAnnotationAdded(
                content_index=0, annotation_index=place, annotation=annotation
            ),
        )
    yield _update(
        item,
        AssistantMessageContentPartDone(
            content_index=0, content=AssistantMessageContent(text=text)
        ),
    )
    content = AssistantMessageContent(text=text, annotations=found)
    yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))


def _update(item: AssistantMessageItem, update: Any) -> ThreadItemUpdatedEvent:
    return ThreadItemUpdatedEvent(item_id=item.id, update=update)


def answer(text: str, *annotations: Annotation, size: int = 7) -> Script:
    """Make a script that streams a text in pieces of `size` characters."""

    def script(turn: Turn) -> Iterator[Step]:
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        return streamed_answer(turn, pieces, annotations)

    return script


def widget(turn: Turn, root: dict[str, Any]) -> ThreadItemDoneEvent:
    """Make the event that shows a widget."""
    return ThreadItemDoneEvent(
        item=WidgetItem(
            id=turn.new_id(),
            thread_id=turn.thread_id,
            created_at=turn.now,
            widget=WIDGET.validate_python(root),
        )
    )


def progress(text: str) -> ProgressUpdateEvent:
    """Make the event that tells what is being done."""
    return ProgressUpdateEvent(icon="search", text=text)


def sources_card(*sources: tuple[str, str, str]) -> dict[str, Any]:
    """Make a Card of sources: heading, path and URL of each."""
    return {
        "type": "Card",
        "size": "md",
        "children": [
            {"type": "Caption", "value": "Sources", "weight": "semibold"},
            *(_source_row(number, *source) for number, source in enumerate(sources, start=1)),
        ],
    }


def _source_row(number: int, heading: str, path: str, url: str) -> dict[str, Any]:
    action = {"type": "open_source", "payload": {"url": url}, "handler": "client"}
    return {
        "type": "Box",
        "direction": "col",
        "gap": 1,
        "children": [
            {
                "type": "Row",
                "gap": 2,
                "align": "center",
                "children": [
                    {"type": "Badge", "label": str(number), "size": "sm", "pill": True},
                    {
                        "type": "Button",
                        "label": heading,
                        "variant": "ghost",
                        "onClickAction": action,
                    },
                ],
            },
            {"type": "Caption", "value": path},
            {
                "type": "Text",
                "value": "Open the panel with the button or by pressing Ctrl K, then write.",
                "size": "sm",
                "color": "secondary",
                "maxLines": 2,
            },
        ],
    }
