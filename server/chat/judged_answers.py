"""What feedback is about: the question, and the passages and index that it was answered from."""

from collections.abc import Sequence

from chatkit.types import HiddenContextItem, ThreadItem, UserMessageItem

from server.chat.history import message_text
from server.context import RequestContext
from store.threads.errors import UnknownCursorError
from store.threads.feedback import JudgedAnswer
from store.threads.store import ThreadStore

# Items on either side of a judged one that are looked at; turns seldom have more than five.
_NEAR = 20


async def judged_answer(
    threads: ThreadStore, thread_id: str, item_id: str, context: RequestContext
) -> JudgedAnswer | None:
    """Return the answer that an item belongs to, or None where the thread doesn't tell.

    Raises `NotFoundError` for a thread that isn't the reader's.
    """
    try:
        before = await threads.load_thread_items(thread_id, item_id, _NEAR, "desc", context=context)
        after = await threads.load_thread_items(thread_id, item_id, _NEAR, "asc", context=context)
    except UnknownCursorError:
        return None
    question = next((item for item in before.data if isinstance(item, UserMessageItem)), None)
    if question is None:
        return None
    match _turn_record(after.data):
        case {"passages": list(passages), "generation": int(generation)}:
            return JudgedAnswer(message_text(question), tuple(passages), generation)
        case _:
            return None


def _turn_record(items: Sequence[ThreadItem]) -> object:
    for item in items:
        match item:
            case UserMessageItem():
                return None
            case HiddenContextItem(content={"answer": record}):
                return record
            case _:
                continue
    return None
