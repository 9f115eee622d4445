"""Counters that all replicas share, such as what was spent of a budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.base import SqlStore
from store.threads.payloads import utc_now
from store.threads.queries import is_key
from store.threads.tables import CounterRow


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter's name, of 255 characters at most, and until when it counts, in naive UTC."""

    name: str
    expires_at: datetime


async def add_to_counters(store: SqlStore, amounts: Mapping[Counter, int]) -> dict[Counter, int]:
    """Add to several counters at once, or to none of them, and return their sums.

    Raises `store.threads.errors.ThreadsUnavailableError`.
    """
    sums: dict[Counter, int] = {}

    async def change(session: AsyncSession) -> None:
        # In one order, so that two writers never wait for each other.
        for counter in sorted(amounts, key=lambda counter: counter.name):
            sums[counter] = await _add(session, counter, amounts[counter])

    await store.writes.upsert(change)
    return sums


async def read_counter(store: SqlStore, name: str) -> int:
    """Return a counter's sum; 0 when nothing was added."""
    async with store.reads.begin() as session:
        query = select(CounterRow.amount).where(is_key(CounterRow.name, name))
        return (await session.exec(query)).first() or 0


async def delete_expired_counters(store: SqlStore) -> None:
    """Delete the counters that count no more."""
    async with store.writes.begin() as session:
        await session.exec(delete(CounterRow).where(col(CounterRow.expires_at) <= utc_now()))


async def _add(session: AsyncSession, counter: Counter, amount: int) -> int:
    named = is_key(CounterRow.name, counter.name)
    added = await session.exec(
        update(CounterRow).where(named).values(amount=col(CounterRow.amount) + amount)
    )
    if not added.rowcount:
        session.add(CounterRow(name=counter.name, amount=amount, expires_at=counter.expires_at))
        await session.flush()
        return amount
    return (await session.exec(select(CounterRow.amount).where(named))).one()
