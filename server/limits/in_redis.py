"""Limits that several replicas share, in one Redis."""

import math
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from limits.aio.storage import RedisStorage, Storage
from limits.errors import StorageError
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from server.limits.slots import LEASE_SECONDS, Keyed
from store.threads.counters import Counter
from store.threads.payloads import utc_now

_TIMEOUT_SECONDS = 5.0


class RedisSlots:
    """Counts the answers of all replicas, in sorted sets whose scores are the leases' ends.

    Raises `StorageError` when Redis can't be reached.
    """

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
        with _storage_errors():
            taken = await self._take(
                keys=[_slots_of(key) for key, _ in counters],
                args=[slot, int(LEASE_SECONDS), *(most for _, most in counters)],
            )
        return slot if taken else None

    async def give_back(self, slot: str, counters: Keyed) -> None:
        """Give a slot back."""
        with _storage_errors():
            for key, _ in counters:
                await self._client.zrem(_slots_of(key), slot)


class RedisCounters:
    """Keeps the sums of budgets. Raises `StorageError` when Redis can't be reached."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def add(self, amounts: Mapping[Counter, int]) -> dict[Counter, int]:
        """Add to several counters, one after the other."""
        now = utc_now()
        sums = {}
        for counter, amount in amounts.items():
            seconds = max(1, math.ceil((counter.expires_at - now).total_seconds()))
            sums[counter] = await self._storage.incr(_sum_of(counter.name), seconds, amount=amount)
        return sums

    async def read(self, name: str) -> int:
        """Return a counter's sum."""
        return await self._storage.get(_sum_of(name))


@dataclass(frozen=True, slots=True)
class RedisLimits:
    """Everything that is counted, over one pool of connections."""

    storage: Storage
    slots: RedisSlots
    counters: RedisCounters


@asynccontextmanager
async def open_redis_limits(url: str) -> AsyncIterator[RedisLimits]:
    """Open a Redis by its URL, without connecting, and close it at the end."""
    pool = ConnectionPool.from_url(
        url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
    )
    try:
        storage = RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            connection_pool=pool,  # type: ignore[arg-type] # its types forget what it documents
        )
        yield RedisLimits(storage, RedisSlots(Redis(connection_pool=pool)), RedisCounters(storage))
    finally:
        await pool.aclose()


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise StorageError(error) from error


def _slots_of(key: str) -> str:
    return f"footnote:slots:{key}"


def _sum_of(name: str) -> str:
    return f"footnote:{name}"
