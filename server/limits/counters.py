"""Where the sums of budgets are kept: in the database, or in the Redis of the other limits."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from store.threads.base import SqlStore
from store.threads.counters import (
    Counter,
    add_to_counters,
    delete_expired_counters,
    read_counter,
)
from store.threads.payloads import utc_now


class Counters(Protocol):
    """Sums that outlast the process, and that all replicas share."""

    async def add(self, amounts: Mapping[Counter, int]) -> dict[Counter, int]:
        """Add to several counters and return their sums."""
        ...

    async def read(self, name: str) -> int:
        """Return a counter's sum; 0 when nothing was added."""
        ...


class DatabaseCounters:
    """Counts in the database of the conversations."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._cleaned_on = date.min

    async def add(self, amounts: Mapping[Counter, int]) -> dict[Counter, int]:
        """Add to several counters in one transaction; once a day, delete those that are over."""
        today = utc_now().date()
        if self._cleaned_on != today:
            self._cleaned_on = today
            await delete_expired_counters(self._store)
        return await add_to_counters(self._store, amounts)

    async def read(self, name: str) -> int:
        """Return a counter's sum."""
        return await read_counter(self._store, name)
