"""Requests a minute."""

import math
import time
from collections.abc import Mapping

from limits import RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter

from server.errors import RequestRefused
from server.limits.scopes import Asker, Scope


class RequestLimits:
    """Counts requests in a window that moves with the clock: no turn of a minute doubles it."""

    def __init__(self, storage: Storage, amounts: Mapping[Scope, float]) -> None:
        self._limiter = MovingWindowRateLimiter(storage)
        self._limits = {
            scope: RateLimitItemPerMinute(max(1, round(amount)), namespace="footnote")
            for scope, amount in amounts.items()
        }

    async def take(self, asker: Asker) -> dict[str, str]:
        """Count a request and return the headers that tell how many are left.

        Raises `RequestRefused` (429) when there are none, with the seconds to wait.
        """
        tightest: dict[str, str] = {}
        least = math.inf
        for scope, limit in self._limits.items():
            key = asker.key(scope)
            if not key:
                continue
            taken = await self._limiter.hit(limit, scope, key)
            reset, remaining = await self._limiter.get_window_stats(limit, scope, key)
            headers = {
                "RateLimit-Limit": str(limit.amount),
                "RateLimit-Remaining": str(remaining),
                "RateLimit-Reset": str(max(1, math.ceil(reset - time.time()))),
            }
            if not taken:
                raise RequestRefused(
                    429,
                    "rate_limited",
                    "These were many requests in a short time. Please wait a moment.",
                    headers={**headers, "Retry-After": headers["RateLimit-Reset"]},
                )
            if remaining < least:
                least, tightest = remaining, headers
        return tightest
