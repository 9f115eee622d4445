"""A thread's items become the conversation that the model is shown."""

from collections.abc import Mapping

from agents import TResponseInputItem
from chatkit.agents import ThreadItemConverter
from chatkit.store import Store
from chatkit.types import (
    AssistantMessageItem,
    Attachment,
    HiddenContextItem,
    StructuredInputItem,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
    WidgetItem,
)
from openai.types.responses import (
    EasyInputMessageParam,
    ResponseInputContentParam,
    ResponseInputTextParam,
)

from server.agent.conversation import CHOICE
from server.attachments.text import AttachmentReader
from server.context import RequestContext


class HistoryConverter(ThreadItemConverter):
    """Converts what the model should see; the sources' Cards are for the reader alone."""

    def __init__(
        self,
        *,
        mentioned: Mapping[str, str] | None = None,
        attachments: AttachmentReader | None = None,
    ) -> None:
        """Convert; `mentioned` has the text of mentioned pages by the id of their tag."""
        self._mentioned = mentioned or {}
        self._attachments = attachments

    async def widget_to_input(
        self, item: WidgetItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Leave widgets out: the SDK would show them as JSON in the reader's own words."""
        return None

    async def assistant_message_to_input(
        self, item: AssistantMessageItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Show an answer as plain text: Chat Completions endpoints take no other form."""
        text = "\n\n".join(content.text for content in item.content if content.text.strip())
        return EasyInputMessageParam(role="assistant", content=text) if text else None

    async def structured_input_to_input(
        self, item: StructuredInputItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Tell what the reader has answered to a question; one passed over tells nothing."""
        said = ", ".join(answers_of(item))
        return EasyInputMessageParam(role="user", content=f"{CHOICE}{said}") if said else None

    async def hidden_context_to_input(
        self, item: HiddenContextItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Leave the ends of turns out; the server writes no other hidden context."""
        return None

    async def attachment_to_message_content(
        self, attachment: Attachment
    ) -> ResponseInputContentParam:
        """Show what is in a reader's file."""
        if self._attachments is None:
            return ResponseInputTextParam(type="input_text", text=attachment.name)
        return await self._attachments.read(attachment)

    async def tag_to_message_content(self, tag: UserMessageTagContent) -> ResponseInputTextParam:
        """Name the page that a reader mentioned, and show what it says if that was read."""
        text = f"The reader mentions: {tag.text}"
        if tag.id in self._mentioned:
            text = f"{text}\n{self._mentioned[tag.id]}"
        return ResponseInputTextParam(type="input_text", text=text)


async def load_history(
    store: Store[RequestContext], thread: ThreadMetadata, context: RequestContext, *, limit: int
) -> list[ThreadItem]:
    """Return the last `limit` items, beginning with a reader's message.

    Some chat templates refuse a conversation that begins with the assistant.
    """
    page = await store.load_thread_items(
        thread.id, after=None, limit=limit, order="desc", context=context
    )
    items: list[ThreadItem] = page.data[::-1]
    first = next((i for i, item in enumerate(items) if isinstance(item, UserMessageItem)), None)
    return [] if first is None else items[first:]


def answers_of(item: StructuredInputItem) -> list[str]:
    """Return what a reader has answered to a question."""
    return [value for asked in item.inputs if asked.answer for value in asked.answer.values]


def message_text(item: UserMessageItem) -> str:
    """Return the words of a reader's message; mentions appear as `@name`."""
    parts = []
    for content in item.content:
        match content:
            case UserMessageTextContent():
                parts.append(content.text)
            case UserMessageTagContent():
                parts.append(f"@{content.text}")
    return " ".join("".join(parts).split())
