"""A new conversation is named at once by its first words, then by the model if there is one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from agents import Usage
from chatkit.types import Page, Thread, ThreadMetadata, ThreadUpdatedEvent, UserMessageItem

from server.agent.titles import TitleWriter, shortened
from server.chat.history import message_text
from server.context import RequestContext
from store.threads.store import ThreadStore

# What a reader waits at most for a title when the answer is done.
_WAIT_SECONDS = 2.0


class Naming:
    """The title of one conversation on its way; `usage` is what the model has used for it."""

    def __init__(
        self, threads: ThreadStore, thread: ThreadMetadata, context: RequestContext
    ) -> None:
        self._threads = threads
        self._thread = thread
        self._context = context
        self.usage = Usage()
        self._first: str | None = None
        self._writing: asyncio.Task[tuple[str | None, Usage]] | None = None

    @asynccontextmanager
    async def begun(
        self, message: UserMessageItem | None, writer: TitleWriter | None
    ) -> AsyncIterator["Naming"]:
        """Begin to name a conversation that has no title, or the first words of its message.

        What isn't done in the end is dropped.
        """
        first = None if message is None else first_title(message)
        if message is not None and self._thread.title in (None, first):
            self._first = first
            if writer is not None and first is not None:
                self._writing = asyncio.create_task(writer.write(message_text(message)))
        try:
            yield self
        finally:
            if self._writing is not None:
                self._writing.cancel()
                with anyio.CancelScope(shield=True):
                    await asyncio.wait([self._writing])

    async def first(self) -> AsyncIterator[ThreadUpdatedEvent]:
        """Give the conversation the title that is there at once."""
        if self._thread.title is not None and self._thread.title == self._first:
            yield _updated(self._thread)
        elif self._first is not None:
            yield await self._name(self._first, instead_of=None)

    @property
    def is_ready(self) -> bool:
        """Whether the model has written a title."""
        return self._writing is not None and self._writing.done()

    async def better(self) -> AsyncIterator[ThreadUpdatedEvent]:
        """Give it the model's title, for which it waits a moment."""
        if self._writing is None:
            return
        done, _ = await asyncio.wait([self._writing], timeout=_WAIT_SECONDS)
        if not done:
            return
        title, self.usage = self._writing.result()
        self._writing = None
        if title is not None and title != self._first:
            yield await self._name(title, instead_of=self._first)

    async def _name(self, title: str, *, instead_of: str | None) -> ThreadUpdatedEvent:
        # Not by changing the SDK's thread, which it would store and thereby make again if the
        # reader has deleted it meanwhile. A title of the reader's own stays.
        named = await self._threads.change_thread(
            self._thread.id,
            lambda now: now.model_copy(update={"title": title}) if now.title == instead_of else now,
            context=self._context,
        )
        return _updated(named)


def first_title(message: UserMessageItem) -> str | None:
    """Return what a conversation is called at first: its first words, if it has any."""
    return shortened(message_text(message))


def _updated(thread: ThreadMetadata) -> ThreadUpdatedEvent:
    return ThreadUpdatedEvent(thread=Thread(**thread.model_dump(exclude={"items"}), items=Page()))
