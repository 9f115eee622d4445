"""A function of the owner's own code that tells who is asking."""

import importlib
import inspect
from collections.abc import Awaitable, Callable

from fastapi import Request

from server.auth.identity import Identity
from server.auth.sessions import check_origin
from server.context import RequestContext
from store.errors import SettingsError

Identify = Callable[[Request], Identity | Awaitable[Identity | None] | None]


class CustomFunction:
    """Asks a function, which may be async and returns None for a request that isn't its own."""

    def __init__(self, function: Identify, allowed: frozenset[str]) -> None:
        self._function = function
        self._allowed = allowed

    async def identify(self, request: Request, token: str | None) -> RequestContext | None:
        """Ask the function, which may also raise `RequestRefused`."""
        answer = self._function(request)
        identity = await answer if inspect.isawaitable(answer) else answer
        if identity is None:
            return None
        if request.cookies:
            # Browsers send cookies along with other sites' requests too.
            check_origin(request, self._allowed - {"*"})
        return identity.context(request)


def load_function(name: str) -> Identify:
    """Import `package.module:function`; raises `SettingsError` when there is no such thing."""
    module_name, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError("AUTH", f"{name} can't be imported: {error}") from error
    if not callable(function):
        raise SettingsError("AUTH", f"{name} is no function")
    loaded: Identify = function
    return loaded
