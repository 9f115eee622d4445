"""Tokens a day and money a month: an estimate is reserved before an answer, and settled after."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from limits.aio.storage import Storage

from server.errors import RequestRefused
from server.limits.prices import MICRO, Price
from server.limits.scopes import Asker, Scope
from server.usage import Meter

Unit = Literal["tokens", "money"]

# Two calls of the model, each with a question, what was said before and passages of the docs.
ESTIMATED_READ = 12_000
ESTIMATED_WRITTEN = 1_000

_KEPT_SECONDS = {"tokens": 2 * 86_400, "money": 62 * 86_400}


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was taken off budgets for an answer: each counter's name and unit."""

    counters: tuple[tuple[str, Unit], ...]
    estimate: Mapping[Unit, int]


class Budgets:
    """Keeps the sums of each day and month, in tokens and micro-dollars."""

    def __init__(
        self,
        storage: Storage,
        *,
        tokens_per_day: Mapping[Scope, float],
        money_per_month: Mapping[Scope, float],
        price: Price,
    ) -> None:
        self._storage = storage
        self._limits: tuple[tuple[Unit, Scope, int], ...] = (
            *(("tokens", scope, round(most)) for scope, most in tokens_per_day.items()),
            *(("money", scope, round(most * MICRO)) for scope, most in money_per_month.items()),
        )
        self._price = price
        self._estimate: dict[Unit, int] = self._amounts(ESTIMATED_READ, ESTIMATED_WRITTEN)

    async def reserve(self, asker: Asker) -> Reservation:
        """Reserve what an answer may use.

        Raises `RequestRefused` (429) when that is more than is left, with the seconds until the
        day or month is over.
        """
        now = datetime.now(UTC)
        taken: list[tuple[str, Unit]] = []
        for unit, scope, most in self._limits:
            key = asker.key(scope)
            if not key:
                continue
            counter = f"footnote:{unit}:{_period(unit, now)}:{scope}:{key}"
            taken.append((counter, unit))
            if await self._add(counter, unit, self._estimate[unit]) > most:
                await self._give_back(Reservation(tuple(taken), self._estimate))
                renews = _renewal(unit, now)
                raise RequestRefused(
                    429,
                    "over_budget",
                    f"The assistant has answered all it may for now. Ask again from "
                    f"{renews:%-d %B, %H:%M} UTC.",
                    headers={"Retry-After": str(math.ceil((renews - now).total_seconds()))},
                )
        return Reservation(tuple(taken), self._estimate)

    async def settle(self, reservation: Reservation, meter: Meter) -> None:
        """Put what was used in the place of what was reserved.

        The model does not report a call that was cut short, so that an answer cut short counts as
        no less than the estimate.
        """
        used = self._amounts(meter.read, meter.written)
        for counter, unit in reservation.counters:
            estimate = reservation.estimate[unit]
            settled = used[unit] if meter.complete else max(used[unit], estimate)
            if settled != estimate:
                await self._add(counter, unit, settled - estimate)

    async def spent(self, unit: Unit, scope: Scope, key: str) -> int:
        """Return the sum of the current day or month, with what is reserved."""
        return await self._storage.get(
            f"footnote:{unit}:{_period(unit, datetime.now(UTC))}:{scope}:{key}"
        )

    async def _give_back(self, reservation: Reservation) -> None:
        for counter, unit in reservation.counters:
            await self._add(counter, unit, -reservation.estimate[unit])

    async def _add(self, counter: str, unit: Unit, amount: int) -> int:
        return await self._storage.incr(counter, _KEPT_SECONDS[unit], amount=amount)

    def _amounts(self, read: int, written: int) -> dict[Unit, int]:
        return {"tokens": read + written, "money": self._price.of(read=read, written=written)}


def _period(unit: Unit, now: datetime) -> str:
    return now.strftime("%Y-%m-%d" if unit == "tokens" else "%Y-%m")


def _renewal(unit: Unit, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "tokens":
        return midnight + timedelta(days=1)
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
