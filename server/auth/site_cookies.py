"""The cookie of a site that readers have signed in to already: the site says whose it is."""

import hashlib
import logging
import time
from collections import OrderedDict

import httpx
from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from server.auth.bearer import is_signed
from server.auth.identity import Identity
from server.auth.sessions import COOKIE, check_origin
from server.context import RequestContext
from server.errors import RequestRefused

logger = logging.getLogger(__name__)

# How long a user who signs out of the site can still ask here.
_KEPT_SECONDS = 30.0
_MOST_KEPT = 10_000
_NOBODY = frozenset({301, 302, 303, 307, 308, 401, 403, 404})
_ANSWER: TypeAdapter[Identity | None] = TypeAdapter(Identity | None)


class SiteCookies:
    """Hands a request's cookies to the site's address and takes its answer, for half a minute.

    The site answers 200 with `{"user": …, "tenant": …, "roles": […]}`, of which only `user` is
    needed; `null`, 401, 403, 404 or a redirect mean that nobody is signed in.
    """

    def __init__(self, url: str, client: httpx.AsyncClient, allowed: frozenset[str]) -> None:
        self._url = url
        self._client = client
        self._allowed = allowed
        self._kept: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()

    async def identify(self, request: Request, token: str | None) -> RequestContext | None:
        """Tell who is signed in to the site; raises `RequestRefused` (403, 503)."""
        cookies = request.headers.get("cookie", "")
        # A reader's own key comes along from every widget, and says less than being signed in.
        if is_signed(token) or not set(request.cookies) - {COOKIE}:
            return None
        # Browsers send cookies along with other sites' requests too.
        check_origin(request, self._allowed - {"*"})
        name = hashlib.sha256(cookies.encode()).digest()
        kept = self._kept.get(name)
        if kept is not None and time.monotonic() - kept[0] < _KEPT_SECONDS:
            return kept[1].context(request)
        identity = await self._ask(cookies)
        if identity is None:
            return None
        self._kept[name] = (time.monotonic(), identity)
        self._kept.move_to_end(name)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return identity.context(request)

    async def _ask(self, cookies: str) -> Identity | None:
        try:
            response = await self._client.get(
                self._url, headers={"Cookie": cookies, "Accept": "application/json"}
            )
            if response.status_code in _NOBODY:
                return None
            response.raise_for_status()
            return _ANSWER.validate_json(response.content)
        except (httpx.HTTPError, ValidationError) as error:
            logger.warning("%s can't tell who is signed in: %s", self._url, type(error).__name__)
            raise RequestRefused(
                503, "sign_in_unavailable", "Sign-in can't be checked just now. Please try again."
            ) from error
