"""What an answer ends with is stored together, and a reader who leaves then cuts nothing."""

from collections.abc import AsyncIterator

import pytest
from chatkit.types import AssistantMessageContent, AssistantMessageItem, ThreadItem, ThreadMetadata

from server.app import create_app
from server.chat.chat import DocsChatServer
from server.chat.turn_ends import turn_end
from server.context import RequestContext
from server.settings import ServerSettings
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore

THREAD = ThreadMetadata(id="thr_1", created_at=utc_now())
END = turn_end("end_1", THREAD.id, "completed", {"status": "answered"})
MESSAGE = AssistantMessageItem(
    id="msg_1",
    thread_id=THREAD.id,
    created_at=utc_now(),
    content=[AssistantMessageContent(text="So far.")],
)


@pytest.fixture
async def served(settings: ServerSettings) -> AsyncIterator[tuple[DocsChatServer, ThreadStore]]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app.state.chat, app.state.resources.threads


async def left(
    served: tuple[DocsChatServer, ThreadStore], stored: list[ThreadItem], *, by_answer: bool
) -> list[str]:
    """Leave with `MESSAGE` pending after some items were stored; return the items' types."""
    chat, threads = served
    context = RequestContext(user_id="reader")
    await threads.save_thread(THREAD, context)
    await threads.save_items(THREAD.id, stored, context)
    if by_answer:
        context.stored.update((item.id, item) for item in stored)
    await chat.handle_stream_cancelled(THREAD, [MESSAGE], context)
    page = await threads.load_thread_items(THREAD.id, None, 20, "asc", context)
    return [item.type for item in page.data]


async def test_a_message_stored_with_the_end_of_its_turn_is_not_cut(
    served: tuple[DocsChatServer, ThreadStore],
) -> None:
    types = await left(served, [MESSAGE, END], by_answer=True)
    assert types == ["assistant_message", "hidden_context_item"]


async def test_a_message_cut_behind_the_end_of_another_turn_is_kept(
    served: tuple[DocsChatServer, ThreadStore],
) -> None:
    types = await left(served, [END], by_answer=False)
    assert types == ["hidden_context_item", "assistant_message", "sdk_hidden_context"]
