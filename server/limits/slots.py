"""Answers at once: each takes a slot, which it gives back at its end.

A slot is a lease: when a process is killed, its slots come free by themselves after a while.
"""

import secrets
import time
from collections.abc import Sequence
from typing import Protocol

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
        self._out: dict[str, dict[str, float]] = {}

    async def take(self, counters: Keyed) -> str | None:
        """Take a slot of each counter."""
        now = time.monotonic()
        for key, most in counters:
            out = self._out.get(key, {})
            for slot in [slot for slot, ends in out.items() if ends <= now]:
                del out[slot]
            if len(out) >= most:
                return None
        slot = secrets.token_hex(8)
        # Only now: nothing is kept of who is refused, and may call themselves anything.
        for key, _ in counters:
            self._out.setdefault(key, {})[slot] = now + LEASE_SECONDS
        return slot

    async def give_back(self, slot: str, counters: Keyed) -> None:
        """Give a slot back."""
        for key, _ in counters:
            out = self._out.get(key, {})
            out.pop(slot, None)
            if not out:
                self._out.pop(key, None)
