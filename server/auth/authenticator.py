"""The modes of AUTH, in their order: the first that knows a credential tells who is asking."""

# ruff: noqa: PLC0415 - a mode is imported where it is chosen, so that the others are not loaded.

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from fastapi import Request

from server.auth.api_keys import ApiKeys
from server.auth.bearer import bearer_token
from server.auth.identity import Reader, unauthorized
from server.auth.sessions import Session, Sessions
from server.auth.settings import AuthSettings
from server.context import RequestContext
from store.threads.store import ThreadStore

if TYPE_CHECKING:
    from httpx import AsyncClient

_TIMEOUT_SECONDS = 5.0


class Mode(Protocol):
    """One way to tell who is asking."""

    async def identify(self, request: Request, token: str | None) -> RequestContext | None:
        """Tell who it is, or None when the credential is none of this mode's.

        `token` is the bearer token, if there is one. Raises `RequestRefused` for a credential of
        this mode that is wrong.
        """
        ...


class Authenticator:
    """Tells who sends a request; anonymous readers are what is left when no mode knows it."""

    def __init__(self, modes: Sequence[tuple[str, Mode]], sessions: Sessions | None) -> None:
        self._modes = modes
        self._sessions = sessions

    async def identify(self, request: Request) -> Reader:
        """Tell who sends a request; raises `RequestRefused`, mostly 401, with the reason."""
        token = bearer_token(request)
        for name, mode in self._modes:
            context = await mode.identify(request, token)
            if context is not None:
                return Reader(context, mode=name)
        if self._sessions is not None:
            return self._sessions.identify(request, token)
        if token is None:
            raise unauthorized("sign_in_required", "Sign in to ask.")
        raise unauthorized("token_not_accepted", "This server takes no tokens of this kind.")

    def begin_session(self, request: Request) -> Session:
        """Issue a token to an anonymous reader; raises `RequestRefused` when there are none."""
        if self._sessions is None:
            raise unauthorized("sign_in_required", "Sign in to ask.")
        return self._sessions.begin(request, bearer_token(request))


@asynccontextmanager
async def open_authenticator(
    settings: AuthSettings, threads: ThreadStore, *, allowed_origins: tuple[str, ...]
) -> AsyncIterator[Authenticator]:
    """Open what the settings name; raises `SettingsError` for a function that isn't there."""
    async with AsyncExitStack() as stack:
        modes: list[tuple[str, Mode]] = []
        sessions: Sessions | None = None
        allowed = frozenset(allowed_origins)
        for name in settings.auth:
            match name:
                case "anonymous":
                    sessions = Sessions(settings, allowed_origins)
                case "jwt":
                    from server.auth.jwks import PublicKeys
                    from server.auth.web_tokens import WebTokens

                    keys: PublicKeys | None = None
                    if settings.jwt_jwks_url:
                        client = await stack.enter_async_context(_client())
                        keys = PublicKeys(settings.jwt_jwks_url, client)
                    modes.append((name, WebTokens(settings, keys)))
                case "cookie":
                    from server.auth.site_cookies import SiteCookies

                    client = await stack.enter_async_context(_client())
                    modes.append((name, SiteCookies(settings.auth_callback_url, client, allowed)))
                case "api_key":
                    modes.append((name, ApiKeys(threads)))
                case _:
                    from server.auth.custom import CustomFunction, load_function

                    modes.append((name, CustomFunction(load_function(name), allowed)))
        yield Authenticator(modes, sessions)


def _client() -> "AsyncClient":
    import httpx

    return httpx.AsyncClient(timeout=_TIMEOUT_SECONDS)
