"""All limits together, as a request meets them on its way in and an answer on its way out."""

import logging
import math
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime

import anyio
from limits.aio.storage import MemoryStorage, Storage
from limits.errors import StorageError

from server.errors import RequestRefused
from server.limits.budgets import Budgets, BudgetSpent, Reservation
from server.limits.counters import Counters, DatabaseCounters
from server.limits.prices import price_of, prices_of
from server.limits.requests import RequestLimits
from server.limits.scopes import Asker, Scope, parse_amounts
from server.limits.settings import LimitSettings
from server.limits.slots import Keyed, LocalSlots, Slots
from server.usage import Meter
from store.errors import SettingsError
from store.threads.base import SqlStore
from store.threads.errors import ThreadsUnavailableError

logger = logging.getLogger(__name__)

_WAIT_FOR_A_SLOT = 5


class Gate:
    """Lets requests and answers in, and refuses them with 429 when a limit is reached.

    Requests of this machine itself are not limited. When the counters can't be reached, requests
    are refused with 503: a limit that only sometimes holds protects no budget.
    """

    def __init__(
        self,
        requests: RequestLimits,
        slots: Slots,
        at_once: Mapping[Scope, float],
        budgets: Budgets | None,
        storage: Storage,
    ) -> None:
        self._requests = requests
        self._storage = storage
        self._slots = slots
        self._at_once = {scope: max(1, round(most)) for scope, most in at_once.items()}
        self.budgets = budgets

    async def is_reachable(self) -> bool:
        """Tell whether requests can be counted, without which they are refused."""
        try:
            return await self._storage.check()
        except StorageError:
            return False

    async def take_request(self, asker: Asker) -> dict[str, str]:
        """Count a request and return the `RateLimit-*` headers of its response."""
        if asker.is_local:
            return {}
        with _counting():
            return await self._requests.take(asker)

    async def admit(
        self, frames: AsyncIterable[bytes], asker: Asker, meter: Meter
    ) -> AsyncIterable[bytes]:
        """Let an answer begin: its frames give slot and reservation back when they end.

        When a budget is spent, `meter` is told when it renews: the answer must cost nothing.
        """
        if asker.is_local:
            return frames
        counters: Keyed = [
            (f"{scope}:{asker.key(scope)}", most)
            for scope, most in self._at_once.items()
            if asker.key(scope)
        ]
        with _counting():
            slot = await self._slots.take(counters)
            if slot is None:
                raise RequestRefused(
                    429,
                    "too_many_answers",
                    "Other answers are still being written. Please wait until one is done.",
                    headers={"Retry-After": str(_WAIT_FOR_A_SLOT)},
                )
            reservation: Reservation | None = None
            try:
                reservation = await self.budgets.reserve(asker) if self.budgets else None
            except BudgetSpent as spent:
                meter.renews_at = spent.renews_at
            except (StorageError, ThreadsUnavailableError):
                await self._slots.give_back(slot, counters)
                raise
        return self._metered(frames, slot, counters, reservation, meter)

    @asynccontextmanager
    async def paid(self, asker: Asker, meter: Meter) -> AsyncIterator[None]:
        """Count to budgets what `meter` is told inside, which is paid for and no answer.

        Raises `RequestRefused` (429) when a budget is spent.
        """
        if asker.is_local or self.budgets is None:
            yield
            return
        with _counting():
            try:
                reservation = await self.budgets.reserve(asker)
            except BudgetSpent as spent:
                raise over_budget(spent.renews_at) from spent
        try:
            yield
        finally:
            await self._settle(reservation, meter)

    async def _metered(
        self,
        frames: AsyncIterable[bytes],
        slot: str,
        counters: Keyed,
        reservation: Reservation | None,
        meter: Meter,
    ) -> AsyncIterator[bytes]:
        try:
            async for frame in frames:
                yield frame
        finally:
            with anyio.CancelScope(shield=True):
                try:
                    await self._slots.give_back(slot, counters)
                except StorageError:
                    logger.exception("The place of an answer could not be given back.")
                if reservation is not None:
                    await self._settle(reservation, meter)

    async def _settle(self, reservation: Reservation, meter: Meter) -> None:
        if self.budgets is None:
            return
        with anyio.CancelScope(shield=True):
            try:
                await self.budgets.settle(reservation, meter)
            except (StorageError, ThreadsUnavailableError):
                logger.exception("What was used of a model could not be settled.")


def over_budget(renews_at: datetime) -> RequestRefused:
    """Make the refusal of what costs money while a budget is spent; `renews_at` is UTC."""
    seconds = (renews_at - datetime.now(UTC)).total_seconds()
    return RequestRefused(
        429,
        "over_budget",
        f"The budget is spent. Ask again from {renews_at:%-d %B, %H:%M} UTC.",
        headers={"Retry-After": str(max(1, math.ceil(seconds)))},
    )


@contextmanager
def _counting() -> Iterator[None]:
    try:
        yield
    except (StorageError, ThreadsUnavailableError) as error:
        logger.exception("The limits can't be reached.")
        raise RequestRefused(
            503, "limits_unavailable", "The assistant is not available just now. Please try again."
        ) from error


@asynccontextmanager
async def open_gate(
    settings: LimitSettings, *, models: Sequence[str], threads: SqlStore
) -> AsyncIterator[Gate]:
    """Open the counters; `models` are those that are paid for, the usual one first.

    Budgets are kept in the database of `threads` unless there is a Redis. Raises `SettingsError`
    when money is limited and a model's price isn't known.
    """
    money = parse_amounts(settings.money_per_month)
    tokens = parse_amounts(settings.tokens_per_day)
    for model in models if money else ():
        if price_of(model, settings.model_prices) is None:
            raise SettingsError("MODEL_PRICES", f"MONEY_PER_MONTH needs the price of {model}")
    prices = prices_of(models, settings.model_prices)
    async with AsyncExitStack() as stack:
        storage: Storage
        slots: Slots
        counters: Counters
        if settings.limits_url:
            # Imported here: most servers have no Redis, and its client takes 6 MB.
            from server.limits.in_redis import open_redis_limits  # noqa: PLC0415

            shared = await stack.enter_async_context(open_redis_limits(settings.limits_url))
            storage, slots, counters = shared.storage, shared.slots, shared.counters
        else:
            storage = MemoryStorage()
            slots = LocalSlots()
            counters = DatabaseCounters(threads)
        yield Gate(
            RequestLimits(storage, parse_amounts(settings.requests_per_minute)),
            slots,
            parse_amounts(settings.answers_at_once),
            Budgets(counters, tokens_per_day=tokens, money_per_month=money, prices=prices)
            if models and (money or tokens)
            else None,
            storage,
        )
