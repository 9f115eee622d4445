"""The same message sent twice within seconds is one message.

Clients repeat a request when the network fails, and any replica may get the second one: so what
tells them apart is in the store. A repeated `threads.create` finds its thread by an id that is
made from the message; a repeated message is found as the thread's last. Whoever comes second is
given the answer of the first, or makes it anew when the first broke off.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import anyio
from chatkit.store import NotFoundError, default_generate_id
from chatkit.types import (
    ClientToolCallItem,
    HiddenContextItem,
    SDKHiddenContextItem,
    StructuredInputItem,
    ThreadItem,
    ThreadMetadata,
    UserMessageInput,
    UserMessageItem,
)

from server.context import RequestContext
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore

Ending = Literal["completed", "failed"]

_POLL_SECONDS = 0.2
# An answer in which nothing is stored for so long belongs to a process that was killed.
_PATIENCE_SECONDS = 90.0
_MARK = "turn"


def turn_end(
    item_id: str, thread_id: str, ending: Ending, record: dict[str, Any]
) -> HiddenContextItem:
    """Make the hidden item that ends a turn, by which others know that no more comes.

    It keeps the answer's record, as `server.agent.answer_record` makes it, and its status beside
    it, for those who look for what the docs lack.
    """
    content = {_MARK: ending, "status": record["status"], "answer": record}
    return HiddenContextItem(id=item_id, thread_id=thread_id, created_at=utc_now(), content=content)


def is_turn_end(item: HiddenContextItem) -> bool:
    """Tell whether a hidden item is the end of a turn."""
    return isinstance(item.content, dict) and _MARK in item.content


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """A message in its thread; `repeats` tells that someone else is answering it already."""

    thread: ThreadMetadata
    message: UserMessageItem
    repeats: bool


class RepeatedMessages:
    """Finds what was asked already; `seconds` of 0 takes every message for a new one."""

    def __init__(self, threads: ThreadStore, *, seconds: float) -> None:
        self._threads = threads
        self._seconds = seconds

    async def thread_for(
        self, message: UserMessageInput, context: RequestContext
    ) -> ThreadMetadata:
        """Return the thread that this message has begun within the time, or begin one."""
        now = utc_now()
        if not self._seconds:
            thread = ThreadMetadata(id=self._threads.generate_thread_id(context), created_at=now)
            await self._threads.insert_thread(thread, context=context)
            return thread
        period = int(time.time() / self._seconds)
        ids = [_thread_id(message, context, number) for number in (period - 1, period)]
        for thread_id in ids:
            try:
                found = await self._threads.load_thread(thread_id, context=context)
            except NotFoundError:
                continue
            if found.created_at >= now - timedelta(seconds=self._seconds):
                return found
        thread = ThreadMetadata(id=ids[-1], created_at=now)
        if not await self._threads.insert_thread(thread, context=context):
            return await self._threads.load_thread(thread.id, context=context)
        return thread

    async def store(self, message: UserMessageItem, context: RequestContext) -> UserMessageItem:
        """Store a message, or return the one that it repeats."""
        if not self._seconds:
            await self._threads.add_thread_item(message.thread_id, message, context=context)
            return message
        since = message.created_at - timedelta(seconds=self._seconds)
        return await self._threads.add_message_once(message, since=since, context=context)

    async def wait_for_answer(
        self, message: UserMessageItem, context: RequestContext
    ) -> Sequence[ThreadItem] | None:
        """Wait for the answer that someone else is making; None when it was not made."""
        changed = anyio.current_time()
        seen = -1
        while anyio.current_time() - changed < _PATIENCE_SECONDS:
            items = await self.items_after(message, context)
            match _state(items):
                case "completed":
                    return items
                case "failed":
                    return None
            if len(items) != seen:
                seen, changed = len(items), anyio.current_time()
            await anyio.sleep(_POLL_SECONDS)
        return None

    async def is_answered(self, message: UserMessageItem, context: RequestContext) -> bool:
        """Tell whether the turn of a message has ended, in whichever way."""
        return _state(await self.items_after(message, context)) is not None

    async def items_after(
        self, message: UserMessageItem, context: RequestContext
    ) -> Sequence[ThreadItem]:
        """Return what follows a message, up to the next one, the oldest first."""
        items: list[ThreadItem] = []
        after: str | None = message.id
        while after is not None:
            page = await self._threads.load_thread_items(
                message.thread_id, after, 100, "asc", context=context
            )
            for item in page.data:
                if isinstance(item, UserMessageItem):
                    return items
                items.append(item)
            after = page.after
        return items


def _thread_id(message: UserMessageInput, context: RequestContext, period: int) -> str:
    prefix, _, _ = default_generate_id("thread").rpartition("_")
    parts = (context.user_id, str(period), message.model_dump_json())
    return f"{prefix}_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def _state(items: Sequence[ThreadItem]) -> Ending | None:
    for item in reversed(items):
        match item:
            case HiddenContextItem(content={"turn": "completed"}):
                return "completed"
            case HiddenContextItem(content={"turn": "failed"}) | SDKHiddenContextItem():
                return "failed"
            case ClientToolCallItem(status="pending") | StructuredInputItem(status="pending"):
                return "completed"
            case _:
                continue
    return None
