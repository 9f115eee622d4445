"""Around every request: an id, safe headers, one line in the log, and a count."""

import logging
import re
import secrets
import time
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.telemetry.logs import noting, request_id
from server.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

REQUEST_ID = "X-Request-ID"
# Clients can make up any other, and each would be counted, and kept, by itself.
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Observer:
    """Gives requests ids, which a proxy may have given already, and tells how they ended.

    The path is told as the route's pattern, so that neither logs nor counts hold what readers
    looked at.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        identifier = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(identifier)
        started = time.perf_counter()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = identifier
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
                if headers.get("content-type", "").startswith("application/json"):
                    # What a reader asked is nothing for a cache or a frame.
                    headers.setdefault("Cache-Control", "no-store")
                    headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
            await send(message)

        with noting() as notes:
            try:
                await self._app(scope, receive, send_with_headers)
            finally:
                self._tell(scope, status, time.perf_counter() - started, notes)
                request_id.reset(token)

    def _tell(self, scope: Scope, status: int, seconds: float, notes: Mapping[str, object]) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.request(method=method, route=route, status=status, seconds=seconds)
        told = {"method": method, "route": route, "status": status, "seconds": round(seconds, 4)}
        logger.info("%s %s %d", method, route, status, extra={"fields": {**told, **notes}})
