"""An answer runs only a little ahead of its reader, so that a slow one does not grow memory.

The wait is inside whatever makes the answer, at a place where a cancellation reaches the code that
stores what there is of it. It is found by context variable, which the agent's own tasks inherit.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from agents import ModelResponse
from agents.exceptions import AgentsException
from agents.items import TResponseStreamEvent
from agents.models.interface import Model
from openai import OpenAIError

AHEAD = 64
"""Frames that may wait for the reader."""

# A listener that takes longer has been left by its reader.
_PATIENCE_SECONDS = 5.0

Event = TypeVar("Event")


class Pace:
    """Counts the frames that the reader has not taken yet."""

    def __init__(self) -> None:
        self.unread = 0
        self.has_reader = True
        self._room = asyncio.Event()
        self._room.set()

    def made(self) -> None:
        """Count a frame that waits for the reader."""
        self.unread += 1
        if self.has_reader and self.unread >= AHEAD:
            self._room.clear()

    def taken(self) -> None:
        """Count a frame that the reader has taken."""
        self.unread -= 1
        if self.unread < AHEAD:
            self._room.set()

    def release(self) -> None:
        """Let the answer run to its end: nobody reads it any more."""
        self.has_reader = False
        self._room.set()

    async def room(self) -> None:
        """Wait until the reader has caught up."""
        await self._room.wait()


_PACE: ContextVar[Pace | None] = ContextVar("pace", default=None)


def use_pace(pace: Pace) -> None:
    """Let everything that the current task does from here on wait for a reader."""
    _PACE.set(pace)


class Listening:
    """Counts what a run's model has said and its listener has not heard yet.

    The agent's loop drops what it has not handed on yet when its model fails, so a model that
    fails waits for it.
    """

    def __init__(self) -> None:
        self._unheard = 0
        self._all_heard = asyncio.Event()

    def said(self) -> None:
        """Count an event of the model's."""
        self._unheard += 1
        self._all_heard.clear()

    def heard(self) -> None:
        """Count an event that the listener has."""
        self._unheard -= 1
        if self._unheard <= 0:
            self._all_heard.set()

    async def wait_until_heard(self) -> None:
        """Wait for the listener, but not for one that has stopped listening."""
        if self._unheard > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_heard.wait(), _PATIENCE_SECONDS)


_LISTENING: ContextVar[Listening | None] = ContextVar("listening", default=None)


def listen() -> Listening:
    """Let the models of runs that are started from here on wait for a listener when they fail."""
    listening = Listening()
    _LISTENING.set(listening)
    return listening


def stop_listening() -> None:
    """Let no model of later runs wait."""
    _LISTENING.set(None)


async def paced(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Pass events on, each when the reader has room for it."""
    pace = _PACE.get()
    async for event in events:
        if pace is not None:
            await pace.room()
        yield event


class PacedModel(Model):
    """A model that is read no faster than the reader reads.

    The agent's loop reads its model in a task of its own and keeps everything until it is asked
    for, so the wait must be here too.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Answer at once."""
        return await self._model.get_response(*args, **kwargs)

    async def stream_response(
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Stream an answer at the reader's pace."""
        listening = _LISTENING.get()
        try:
            async for event in paced(self._model.stream_response(*args, **kwargs)):
                if listening is not None:
                    listening.said()
                yield event
                # Many events arrive at once; each must get on its way before the next is taken.
                await asyncio.sleep(0)
        except (OpenAIError, AgentsException):
            if listening is not None:
                await listening.wait_until_heard()
            raise
