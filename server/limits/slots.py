"""Answers at once: each takes a slot, which it gives back at its end.

A slot is a lease: when a process is killed, its slots come free by themselves after a while.
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from redis.asyncio import Redis

LEASE_SECONDS = 900.0
"""Longer than an answer takes."""

Keyed = Sequence[tuple[str, int]]
"""Names of counters, each with the most slots that it may have out."""


class Slots(Protocol):
    """Counts the answers that are under way."""

    async def take(self, counters: Keyed) -> str | None:
        """Take a slot of each counter and return its name; None when one has none left."""
        ...

    async def give_back(self, slot: str, counters: Keyed) -> None:
        """Give a slot back."""
        ...


class LocalSlots:
    """Counts the answers of this process."""

    def __init__(self) -> None:
        self._out: dict[str, dict[str, float]] = defaultdict(dict)

    async def take(self, counters: Keyed) -> str | None:
        """Take a slot of each counter."""
        now = time.monotonic()
        for key, most in counters:
            out = self._out[key]
            for slot in [slot for slot, ends in out.items() if ends <= now]:
                del out[slot]
            if len(out) >= most:
                return None
        slot = secrets.token_hex(8)
        for key, _ in counters:
            self._out[key][slot] = now + LEASE_SECONDS
        return slot

    async def give_back(self, slot: str, counters: Keyed) -> None:
        """Give a slot back."""
        for key, _ in counters:
            out = self._out[key]
            out.pop(slot, None)
            if not out:
                del self._out[key]


class RedisSlots:
    """Counts the answers of all replicas, in sorted sets whose scores are the leases' ends."""

    # In one script, so that two replicas can't both take the last slot.
    _TAKE = """
    local now = tonumber(redis.call('TIME')[1])
    for i, key in ipairs(KEYS) do
        redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
        if redis.call('ZCARD', key) >= tonumber(ARGV[i + 2]) then return 0 end
    end
    for _, key in ipairs(KEYS) do
        redis.call('ZADD', key, now + ARGV[2], ARGV[1])
        redis.call('EXPIRE', key, ARGV[2])
    end
    return 1
    """

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._take = client.register_script(self._TAKE)

    async def take(self, counters: Keyed) -> str | None:
        """Take a slot of each counter."""
        slot = secrets.token_hex(8)
        taken = await self._take(
            keys=[_named(key) for key, _ in counters],
            args=[slot, int(LEASE_SECONDS), *(most for _, most in counters)],
        )
        return slot if taken else None

    async def give_back(self, slot: str, counters: Keyed) -> None:
        """Give a slot back."""
        for key, _ in counters:
            await self._client.zrem(_named(key), slot)


def _named(key: str) -> str:
    return f"footnote:slots:{key}"
