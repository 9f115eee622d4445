"""Tokens a day and money a month: an estimate is reserved before an answer, and settled after."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from server.limits.counters import Counters
from server.limits.prices import MICRO, Prices
from server.limits.scopes import Asker, Scope
from server.usage import Meter
from store.threads.counters import Counter

Unit = Literal["tokens", "money"]

# Two calls of the model, each with a question, what was said before and passages of the docs.
ESTIMATED_READ = 12_000
ESTIMATED_WRITTEN = 1_000

# An answer that began before the period's end is settled after it.
_SETTLED_WITHIN = timedelta(days=1)


class BudgetSpent(Exception):
    """A budget that has no room for another answer before `renews_at`, in UTC."""

    def __init__(self, renews_at: datetime) -> None:
        super().__init__(f"The budget is spent until {renews_at:%Y-%m-%d %H:%M} UTC.")
        self.renews_at = renews_at


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was taken off budgets for an answer: each counter's unit, and the estimate of each."""

    counters: Mapping[Counter, Unit]
    estimate: Mapping[Unit, int]


class Budgets:
    """Keeps the sums of each day and month, in tokens and micro-dollars."""

    def __init__(
        self,
        counters: Counters,
        *,
        tokens_per_day: Mapping[Scope, float],
        money_per_month: Mapping[Scope, float],
        prices: Prices,
    ) -> None:
        self._counters = counters
        self._limits: tuple[tuple[Unit, Scope, int], ...] = (
            *(("tokens", scope, round(most)) for scope, most in tokens_per_day.items()),
            *(("money", scope, round(most * MICRO)) for scope, most in money_per_month.items()),
        )
        self._prices = prices
        self._estimate: dict[Unit, int] = {
            "tokens": ESTIMATED_READ + ESTIMATED_WRITTEN,
            "money": prices.dearest.of(read=ESTIMATED_READ, written=ESTIMATED_WRITTEN),
        }

    async def reserve(self, asker: Asker) -> Reservation:
        """Reserve what an answer may use; raises `BudgetSpent` when that is more than is left."""
        now = datetime.now(UTC)
        units: dict[Counter, Unit] = {}
        most: dict[Counter, int] = {}
        for unit, scope, limit in self._limits:
            if key := asker.key(scope):
                counter = _counter(unit, scope, key, now)
                units[counter], most[counter] = unit, limit
        if not units:
            return Reservation({}, self._estimate)
        taken = {counter: self._estimate[unit] for counter, unit in units.items()}
        sums = await self._counters.add(taken)
        if over := [units[counter] for counter, total in sums.items() if total > most[counter]]:
            await self._counters.add({counter: -amount for counter, amount in taken.items()})
            raise BudgetSpent(max(_renewal(unit, now) for unit in over))
        return Reservation(units, self._estimate)

    async def settle(self, reservation: Reservation, meter: Meter) -> None:
        """Put what was used in the place of what was reserved.

        The model does not report a call that was cut short, so that an answer cut short counts as
        no less than the estimate.
        """
        price = self._prices.of(meter.model)
        used: dict[Unit, int] = {
            "tokens": meter.tokens,
            "money": price.of(read=meter.read, written=meter.written),
        }
        differences: dict[Counter, int] = {}
        for counter, unit in reservation.counters.items():
            estimate = reservation.estimate[unit]
            settled = used[unit] if meter.complete else max(used[unit], estimate)
            if settled != estimate:
                differences[counter] = settled - estimate
        if differences:
            await self._counters.add(differences)

    async def spent(self, unit: Unit, scope: Scope, key: str) -> int:
        """Return the sum of the current day or month, with what is reserved."""
        return await self._counters.read(_counter(unit, scope, key, datetime.now(UTC)).name)


def _counter(unit: Unit, scope: Scope, key: str, now: datetime) -> Counter:
    # Neither users nor addresses are kept by name.
    hashed = hashlib.sha256(key.encode()).hexdigest()[:32]
    expires_at = _renewal(unit, now) + _SETTLED_WITHIN
    name = f"{unit}:{_period(unit, now)}:{scope}:{hashed}"
    return Counter(name, expires_at.replace(tzinfo=None))


def _period(unit: Unit, now: datetime) -> str:
    return now.strftime("%Y-%m-%d" if unit == "tokens" else "%Y-%m")


def _renewal(unit: Unit, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "tokens":
        return midnight + timedelta(days=1)
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
