"""Calls that are finished even when whoever made them is cancelled meanwhile.

A statement that is cancelled half-way leaves its connection behind with the lock that it holds: on
SQLite no one could write any more until the connection is collected.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import anyio

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


def uninterrupted(
    function: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Make a function finish even when its caller is cancelled, which ends the caller after."""

    @wraps(function)
    async def finish(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        task = asyncio.create_task(function(*args, **kwargs))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # A scope that is cancelled would otherwise cancel the waiting too, again and again.
            with anyio.CancelScope(shield=True):
                await asyncio.wait([task])
            if not task.cancelled():
                # Retrieved, because nobody is left to be told of it.
                task.exception()
            raise

    return finish
