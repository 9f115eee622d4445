"""The same message sent twice within seconds is one message.

Clients repeat a request when the network fails, and any replica may get the second one: so what
tells them apart is in the store. A repeated `threads.create` finds its thread by an id that is
made from the message; a repeated message is found as the thread's last. Whoever comes second is
given the answer of the first, or makes it anew when the first broke off.

Whoever answers shows it by a beat, kept with the thread and changed every few seconds. Those who
wait look only at whether it changes, so that clocks of replicas needn't agree, and whoever takes
an answer over does it by changing the beat that all of them saw, which only one can.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import anyio
from chatkit.store import NotFoundError, default_generate_id
from chatkit.types import (
    ThreadItem,
    ThreadMetadata,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    UserMessageInput,
    UserMessageItem,
)

from server.chat.naming import first_title
from server.chat.turn_ends import how_it_ended
from server.context import RequestContext
from store.threads.errors import ThreadsUnavailableError
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore
from store.threads.uninterrupted import uninterrupted

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
_BEAT_SECONDS = 4.0
# An answer that shows no life for so long belongs to a process that was killed.
_PATIENCE_SECONDS = 15.0
_BEAT = "beat"


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """A message in its thread.

    `repeats` tells that someone else is answering it already, `begins` that the thread has nothing
    else.
    """

    thread: ThreadMetadata
    message: UserMessageItem
    repeats: bool
    begins: bool = False


class RepeatedMessages:
    """Finds what was asked already; `seconds` of 0 takes every message for a new one."""

    def __init__(
        self, threads: ThreadStore, *, seconds: float, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self._threads = threads
        self._seconds = seconds
        self._patience = patience

    @uninterrupted
    async def take(
        self,
        request: ThreadsCreateReq | ThreadsAddUserMessageReq,
        build: Callable[[ThreadMetadata], Awaitable[UserMessageItem]],
        context: RequestContext,
    ) -> TakenMessage:
        """Store the message of a request, which `build` makes for its thread.

        A reader who leaves at once must not leave a thread behind that has no message.
        """
        if isinstance(request, ThreadsCreateReq):
            message = request.params.input
            before, thread = self._thread_of(message, context)
            if not message.attachments:
                item = await build(thread)
                named = thread.model_copy(update={"title": first_title(item)})
                if await self._threads.begin_thread(named, item, context=context, unless=before):
                    return TakenMessage(named, item, repeats=False, begins=True)
            thread = await self._insert(thread, before, context)
        else:
            thread = await self._threads.load_thread(request.params.thread_id, context=context)
        item = await build(thread)
        for attachment in item.attachments:
            await self._threads.save_attachment(attachment, context=context)
        stored = await self._store(item, context)
        return TakenMessage(thread, stored, repeats=stored.id != item.id)

    def _thread_of(
        self, message: UserMessageInput, context: RequestContext
    ) -> tuple[str | None, ThreadMetadata]:
        """Return the thread that a message begins, and the id of the one it may have begun."""
        now = utc_now()
        if not self._seconds:
            return None, ThreadMetadata(
                id=self._threads.generate_thread_id(context), created_at=now
            )
        period = int(time.time() / self._seconds)
        before, id_now = (_thread_id(message, context, number) for number in (period - 1, period))
        return before, ThreadMetadata(id=id_now, created_at=now)

    async def _insert(
        self, thread: ThreadMetadata, before: str | None, context: RequestContext
    ) -> ThreadMetadata:
        """Insert a thread, or return the one that was begun within the time."""
        if before is not None:
            try:
                found = await self._threads.load_thread(before, context=context)
            except NotFoundError:
                pass
            else:
                if found.created_at >= thread.created_at - timedelta(seconds=self._seconds):
                    return found
        if not await self._threads.insert_thread(thread, context=context):
            return await self._threads.load_thread(thread.id, context=context)
        return thread

    async def _store(self, message: UserMessageItem, context: RequestContext) -> UserMessageItem:
        """Store a message, or return the one that it repeats."""
        if not self._seconds:
            await self._threads.add_thread_item(message.thread_id, message, context=context)
            return message
        since = message.created_at - timedelta(seconds=self._seconds)
        return await self._threads.add_message_once(message, since=since, context=context)

    async def wait_for_answer(
        self, message: UserMessageItem, context: RequestContext
    ) -> Sequence[ThreadItem] | None:
        """Wait for the answer that someone else is making; None when it is this caller's to make.

        Of several who wait for an answer that broke off, one makes it when what there is of it is
        deleted, and the others go on waiting.
        """
        changed = anyio.current_time()
        seen: tuple[str | None, int] | None = None
        while True:
            # Before the items: an answer that ends in between is then found to be whole.
            beat = await self._beat(message, context)
            items = await self.items_after(message, context)
            state = how_it_ended(items)
            if state == "completed":
                return items
            if seen != (beat, len(items)):
                seen, changed = (beat, len(items)), anyio.current_time()
            if state == "failed" or anyio.current_time() - changed >= self._patience:
                for item in items:
                    await self._threads.delete_thread_item(
                        message.thread_id, item.id, context=context
                    )
                if await self._take_over(message, beat, context):
                    return None
            await anyio.sleep(_POLL_SECONDS)

    @asynccontextmanager
    async def answering(
        self, message: UserMessageItem, context: RequestContext
    ) -> AsyncIterator[None]:
        """Show those who wait for the answer to a message that it is being made."""
        if not self._seconds:
            yield
            return
        beating = asyncio.create_task(self._keep_beating(message, context))
        try:
            yield
        finally:
            beating.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([beating])

    async def _keep_beating(self, message: UserMessageItem, context: RequestContext) -> None:
        # The message itself is sign enough at first, so that short answers write nothing more.
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            try:
                await self._threads.change_thread(
                    message.thread_id, lambda thread: _with_beat(thread, message), context=context
                )
            except NotFoundError:
                return  # The reader has deleted the thread.
            except ThreadsUnavailableError:
                logger.warning("An answer could not show that it is being made.")

    async def _beat(self, message: UserMessageItem, context: RequestContext) -> str | None:
        thread = await self._threads.load_thread(message.thread_id, context=context)
        return _beat_of(thread, message)

    async def _take_over(
        self, message: UserMessageItem, seen: str | None, context: RequestContext
    ) -> bool:
        taken = False

        def take(thread: ThreadMetadata) -> ThreadMetadata:
            nonlocal taken
            taken = _beat_of(thread, message) == seen
            return _with_beat(thread, message) if taken else thread

        await self._threads.change_thread(message.thread_id, take, context=context)
        return taken

    async def is_answered(self, message: UserMessageItem, context: RequestContext) -> bool:
        """Tell whether the turn of a message has ended, in whichever way."""
        return how_it_ended(await self.items_after(message, context)) is not None

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


def _beat_of(thread: ThreadMetadata, message: UserMessageItem) -> str | None:
    match thread.metadata.get(_BEAT):
        case {"message": message_id, "id": str(beat)} if message_id == message.id:
            return beat
        case _:
            return None


def _with_beat(thread: ThreadMetadata, message: UserMessageItem) -> ThreadMetadata:
    beat = {"message": message.id, "id": uuid4().hex}
    return thread.model_copy(update={"metadata": {**thread.metadata, _BEAT: beat}})
