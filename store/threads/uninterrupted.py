"""Calls that are finished even when whoever made them is cancelled meanwhile.

A statement that is cancelled half-way leaves its connection behind with the lock that it holds: on
SQLite no one could write any more until the connection is collected.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar

import anyio

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")
Store = TypeVar("Store", bound=type)

_PACKAGE = __name__.rpartition(".")[0]


async def uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Finish some work even when the current task is cancelled meanwhile, which ends it after."""
    task = asyncio.create_task(work)
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


def uninterrupted_methods(store: Store) -> Store:
    """Finish every public call of a store, also those that it inherits from this package."""
    for base in store.__mro__:
        if base.__module__.startswith(_PACKAGE):
            for name, method in list(vars(base).items()):
                if iscoroutinefunction(method) and not name.startswith("_"):
                    setattr(base, name, _finishing(method))
    return store


def _finishing(
    method: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Awaitable[Result]]:
    @wraps(method)
    async def finish(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return await uninterrupted(method(*args, **kwargs))

    return finish
