"""One item of each type that the SDK's `ThreadItem` has, and what else a thread holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageItem,
    ClientToolCallItem,
    CustomSummary,
    CustomTask,
    EndOfTurnItem,
    EntitySource,
    FileAttachment,
    FileSource,
    GeneratedImage,
    GeneratedImageItem,
    HiddenContextItem,
    ImageAttachment,
    InferenceOptions,
    SDKHiddenContextItem,
    SearchTask,
    StructuredInputAnswer,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    TaskItem,
    ThoughtTask,
    ThreadItem,
    ThreadMetadata,
    ToolChoice,
    URLSource,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
    WidgetItem,
    Workflow,
    WorkflowItem,
)
from chatkit.widgets import DynamicWidgetRoot
from pydantic import AnyUrl

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456)  # noqa: DTZ001 - the SDK's datetimes are naive


@dataclass(frozen=True)
class User:
    """A context that says who asks, and nothing else."""

    user_id: str


ALICE = User("alice")
MALLORY = User("mallory")


def a_thread(thread_id: str, **fields: Any) -> ThreadMetadata:
    return ThreadMetadata(**{"id": thread_id, "created_at": NOON, **fields})


def named(title: str) -> Callable[[ThreadMetadata], ThreadMetadata]:
    """Return the change that gives a thread its title."""
    return lambda thread: thread.model_copy(update={"title": title})


def a_note(item_id: str, thread_id: str, content: object = None) -> HiddenContextItem:
    return HiddenContextItem(id=item_id, thread_id=thread_id, created_at=NOON, content=content)


def a_message(
    item_id: str, text: str = "Why?", *, seconds: int = 0, thread_id: str = "thr_1"
) -> UserMessageItem:
    return UserMessageItem(
        id=item_id,
        thread_id=thread_id,
        created_at=NOON + timedelta(seconds=seconds),
        content=[UserMessageTextContent(text=text)],
        inference_options=InferenceOptions(),
    )


def a_form(item_id: str, thread_id: str) -> StructuredInputItem:
    """Make a form that waits for its answer."""
    question = StructuredInputFreeform(id="which", question="Which?")
    return StructuredInputItem(id=item_id, thread_id=thread_id, created_at=NOON, inputs=[question])


def a_file(attachment_id: str, thread_id: str | None = None) -> FileAttachment:
    return FileAttachment(
        id=attachment_id,
        name="naïve.log",
        mime_type="text/plain",
        thread_id=thread_id,
        metadata={"sha256": "0" * 64},
    )


def one_of_each(thread_id: str) -> list[ThreadItem]:
    """Return an item of each type, whose ids are the types."""

    def base(item_id: str) -> dict[str, Any]:
        return {"id": item_id, "thread_id": thread_id, "created_at": NOON}

    return [
        UserMessageItem(
            **base("user_message"),
            content=[
                UserMessageTextContent(text="Was ist\0 ein „Vektor“? 🧭"),
                UserMessageTagContent(id="t", text="@Pools", data={"path": "pools.md"}),
            ],
            attachments=[
                a_file("atc_1", thread_id),
                ImageAttachment(
                    id="atc_2",
                    name="plan.png",
                    mime_type="image/png",
                    preview_url=AnyUrl("https://docs.example/plan.png"),
                ),
            ],
            quoted_text="as it says",
            inference_options=InferenceOptions(tool_choice=ToolChoice(id="search"), model="small"),
        ),
        AssistantMessageItem(
            **base("assistant_message"),
            content=[
                AssistantMessageContent(
                    text="A pool keeps connections.",
                    annotations=[
                        Annotation(source=URLSource(title="Pools", url="/pools#size"), index=6),
                        Annotation(source=FileSource(title="Log", filename="a.log"), index=25),
                        Annotation(
                            source=EntitySource(id="e", title="Pool", data={"n": [1, None]}),
                        ),
                    ],
                )
            ],
        ),
        ClientToolCallItem(
            **base("client_tool_call"),
            status="completed",
            call_id="call_1",
            name="open_page",
            arguments={"url": "/pools"},
            output={"opened": True, "depth": [1.5, {"deep": None}]},
        ),
        WidgetItem(
            **base("widget"),
            widget=DynamicWidgetRoot.model_validate(
                {"type": "Card", "children": [{"type": "Text", "id": "t", "value": "Pools"}]}
            ),
            copy_text="Pools",
        ),
        GeneratedImageItem(
            **base("generated_image"), image=GeneratedImage(id="img", url="https://x.example/i")
        ),
        StructuredInputItem(
            **base("structured_input"),
            inputs=[
                StructuredInputMultipleChoice(
                    id="version",
                    question="Which version?",
                    options=[StructuredInputMultipleChoiceOption(value="2.1")],
                    answer=StructuredInputAnswer(values=["2.1"]),
                ),
                StructuredInputFreeform(id="why", question="Why?", description="In a word"),
            ],
        ),
        WorkflowItem(
            **base("workflow"),
            workflow=Workflow(
                type="reasoning",
                tasks=[
                    ThoughtTask(content="Pools…"),
                    SearchTask(queries=["pool"], sources=[URLSource(title="P", url="/p")]),
                ],
                summary=CustomSummary(title="Thought", icon="bolt"),
            ),
        ),
        TaskItem(**base("task"), task=CustomTask(title="Searching", status_indicator="complete")),
        HiddenContextItem(**base("hidden_context_item"), content={"seen": ["a", 1, None]}),
        SDKHiddenContextItem(**base("sdk_hidden_context"), content="The user cancelled."),
        EndOfTurnItem(**base("end_of_turn")),
    ]
