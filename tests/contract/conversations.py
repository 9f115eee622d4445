"""Stored conversations, as the server leaves them."""

from datetime import datetime

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageItem,
    HiddenContextItem,
    InferenceOptions,
    ThreadItem,
    URLSource,
    UserMessageItem,
    UserMessageTextContent,
)

from store.threads.review import ReviewedThread

NOON = datetime(2026, 11, 21, 12)  # noqa: DTZ001 - the SDK's datetimes are naive


def asks(name: str, text: str, *, thread: str = "thr_1", day: int = 21) -> UserMessageItem:
    return UserMessageItem(
        id=f"ask_{name}",
        thread_id=thread,
        created_at=NOON.replace(day=day),
        content=[UserMessageTextContent(text=text)],
        attachments=[],
        inference_options=InferenceOptions(),
    )


def answers(name: str, text: str, *urls: str, thread: str = "thr_1") -> AssistantMessageItem:
    marks = [Annotation(source=URLSource(url=url, title="A page"), index=len(text)) for url in urls]
    content = AssistantMessageContent(text=text, annotations=marks)
    return AssistantMessageItem(
        id=f"answer_{name}", thread_id=thread, created_at=NOON, content=[content]
    )


def ends(
    name: str, thread: str = "thr_1", *, turn: str = "completed", status: str | None = None
) -> HiddenContextItem:
    content: dict[str, object] = {"turn": turn}
    if status is not None:
        content["answer"] = {"status": status, "citations": []}
    return HiddenContextItem(id=f"end_{name}", thread_id=thread, created_at=NOON, content=content)


def a_conversation(*items: ThreadItem, user: str = "alice", **liked: str) -> ReviewedThread:
    """Make a thread; `liked` is the feedback by the item's id."""
    return ReviewedThread(items[0].thread_id, user, items, dict(liked))  # type: ignore[arg-type]
