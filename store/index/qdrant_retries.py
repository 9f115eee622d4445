"""Send a request to a Qdrant server again when that may help.

Every request of a writer can be sent twice: points are put by id, a collection's name is drawn
once, and an alias is switched to what it is switched to.
"""

import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import anyio
from httpx import Request, Response, TransportError, codes
from qdrant_client.http.exceptions import ResponseHandlingException

logger = logging.getLogger(__name__)

_ATTEMPTS: Final = 6
_FIRST_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 60.0

_PASSING: Final = frozenset(
    {
        codes.REQUEST_TIMEOUT,
        codes.TOO_MANY_REQUESTS,
        codes.BAD_GATEWAY,
        codes.SERVICE_UNAVAILABLE,
        codes.GATEWAY_TIMEOUT,
    }
)

Send = Callable[[Request], Awaitable[Response]]


async def send_with_retries(request: Request, send: Send) -> Response:
    """Send a request until it is answered otherwise than by a failure that may pass.

    It waits as long as `Retry-After` asks, up to a minute, or else twice as long each time. The
    last failure is returned or raised as it is.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            response = await send(request)
        except ResponseHandlingException as error:
            if not isinstance(error.source, TransportError):
                raise
            problem, wait = type(error.source).__name__, None
        else:
            if response.status_code not in _PASSING:
                return response
            problem, wait = f"status {response.status_code}", _asked_seconds(response)
        if wait is None:
            # Writers that failed together don't come back together.
            wait = _FIRST_SECONDS * 2**attempt * random.uniform(0.5, 1)  # noqa: S311
        logger.warning("Qdrant: %s; sending again in %.1f s.", problem, wait)
        await anyio.sleep(wait)
    return await send(request)


def _asked_seconds(response: Response) -> float | None:
    """Read `Retry-After`: seconds or a date; None when it is neither."""
    asked = response.headers.get("Retry-After", "")
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), _LONGEST_SECONDS)
