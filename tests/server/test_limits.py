"""Limits: who counts as whom, when a request is refused, and that nothing leaks or is lost."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from server.errors import RequestRefused
from server.limits.budgets import ESTIMATED_READ, ESTIMATED_WRITTEN
from server.limits.gate import Gate, open_gate
from server.limits.scopes import Asker, counted_address, parse_amounts
from server.limits.settings import LimitSettings
from server.limits.slots import LocalSlots
from server.usage import Meter
from store.errors import SettingsError
from store.threads.engine import open_thread_store
from tests.contract.redis_server import running_redis

ESTIMATE = ESTIMATED_READ + ESTIMATED_WRITTEN
MODEL = "gpt-5-mini"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture(params=["database", "redis"])
def limits_url(request: pytest.FixtureRequest) -> str:
    if request.param == "database":
        return ""
    url: str = request.getfixturevalue("redis_url")
    return url


GateOf = Callable[..., AbstractAsyncContextManager[Gate]]


@pytest.fixture
async def gate_of(tmp_path: Path) -> AsyncIterator[GateOf]:
    """Return a function that opens the limits beside a database."""
    async with open_thread_store(f"sqlite:///{tmp_path / 'threads.db'}") as threads:
        yield partial(open_gate, models=(), threads=threads)


def asker(user: str, *, address: str = "203.0.113.5", tenant: str = "") -> Asker:
    # Named apart from those of other tests, which share one Redis.
    return Asker(user=f"{user}-{_NAMES[0]}", address=f"{address}-{_NAMES[0]}", tenant=tenant)


_NAMES = [0]


@pytest.fixture(autouse=True)
def _fresh_names() -> None:
    _NAMES[0] += 1


def settings(url: str = "", **changes: str) -> LimitSettings:
    made = {"requests_per_minute": "", "answers_at_once": "", "limits_url": url, **changes}
    return LimitSettings.model_validate(made)


async def frames(count: int = 3) -> AsyncIterator[bytes]:
    for number in range(count):
        await anyio.lowlevel.checkpoint()
        yield str(number).encode()


async def refused(attempt: Callable[[], Any]) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        await attempt()
    return caught.value


async def test_a_user_who_asks_too_often_waits_and_another_does_not(
    gate_of: GateOf, limits_url: str
) -> None:
    changes = {"requests_per_minute": "user:3,address:100"}
    async with gate_of(settings(limits_url, **changes)) as gate:
        left = [(await gate.take_request(asker("ann")))["RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        error = await refused(lambda: gate.take_request(asker("ann")))
        assert (error.status, error.code) == (429, "rate_limited")
        assert 0 < int(error.headers["Retry-After"]) <= 60
        assert error.headers["RateLimit-Limit"] == "3"
        await gate.take_request(asker("bob"))


async def test_new_names_do_not_help_an_address(gate_of: GateOf, limits_url: str) -> None:
    changes = {"requests_per_minute": "user:3,address:5"}
    async with gate_of(settings(limits_url, **changes)) as gate:
        for number in range(5):
            await gate.take_request(asker(f"made-up-{number}"))
        assert (await refused(lambda: gate.take_request(asker("one-more")))).status == 429
        await gate.take_request(asker("one-more", address="203.0.113.6"))


async def test_tenants_have_limits_of_their_own(gate_of: GateOf) -> None:
    async with gate_of(settings(requests_per_minute="tenant:1")) as gate:
        await gate.take_request(asker("a", tenant="acme"))
        await gate.take_request(asker("b", tenant="other"))
        assert (await refused(lambda: gate.take_request(asker("c", tenant="acme")))).status == 429
        for _ in range(3):
            await gate.take_request(asker("no-tenant"))


async def test_this_machine_itself_is_not_limited(gate_of: GateOf) -> None:
    local = Asker(user="me", address=counted_address("127.0.0.1"), tenant="")
    async with gate_of(settings(requests_per_minute="all:1", answers_at_once="all:1")) as gate:
        for _ in range(3):
            assert await gate.take_request(local) == {}
            await gate.admit(frames(), local, Meter())


async def test_nothing_is_kept_of_who_is_refused_under_made_up_names() -> None:
    slots = LocalSlots()
    asked = [("user:0", 1), ("address:203.0.113.5", 1)]
    taken = await slots.take(asked)
    assert taken is not None
    for number in range(1, 100):
        assert await slots.take([(f"user:{number}", 1), ("address:203.0.113.5", 1)]) is None
    await slots.give_back(taken, asked)
    assert vars(slots) == vars(LocalSlots())


async def test_only_so_many_answers_at_once(gate_of: GateOf, limits_url: str) -> None:
    async with gate_of(settings(limits_url, answers_at_once="user:2")) as gate:
        first, second = [await gate.admit(frames(), asker("ann"), Meter()) for _ in range(2)]
        error = await refused(lambda: gate.admit(frames(), asker("ann"), Meter()))
        assert (error.status, error.code) == (429, "too_many_answers")
        assert error.headers["Retry-After"]
        await gate.admit(frames(), asker("bob"), Meter())
        assert [frame async for frame in first] == [b"0", b"1", b"2"]
        assert [frame async for frame in await gate.admit(frames(), asker("ann"), Meter())]
        assert [frame async for frame in second]


async def test_a_slot_that_nobody_gives_back_comes_free(
    gate_of: GateOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gate_of(settings(answers_at_once="user:1")) as gate:
        await gate.admit(frames(), asker("ann"), Meter())
        await refused(lambda: gate.admit(frames(), asker("ann"), Meter()))
        monkeypatch.setattr("server.limits.slots.LEASE_SECONDS", -1.0)
        async with gate_of(settings(answers_at_once="user:1")) as short:
            await short.admit(frames(), asker("ann"), Meter())
            await short.admit(frames(), asker("ann"), Meter())


async def test_two_servers_on_one_redis_hold_one_limit(gate_of: GateOf, redis_url: str) -> None:
    changes = {"requests_per_minute": "all:10", "answers_at_once": "user:3"}
    async with (
        gate_of(settings(redis_url, **changes)) as one,
        gate_of(settings(redis_url, **changes)) as other,
    ):
        taken = 0
        for number in range(30):
            try:
                await (one, other)[number % 2].take_request(asker("ann"))
            except RequestRefused:
                continue
            taken += 1
        assert taken == 10
        admitted = 0

        async def admit(gate: Gate) -> None:
            nonlocal admitted
            try:
                await gate.admit(frames(), asker("ann"), Meter())
            except RequestRefused:
                return
            admitted += 1

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(admit, (one, other)[number % 2])
        assert admitted == 3


async def test_limits_that_can_not_be_counted_let_nothing_through(gate_of: GateOf) -> None:
    url = "redis://127.0.0.1:1/0"
    async with gate_of(settings(url, requests_per_minute="all:9")) as gate:
        error = await refused(lambda: gate.take_request(asker("ann")))
        assert (error.status, error.code) == (503, "limits_unavailable")


class TestBudgets:
    async def spend(self, gate: Gate, *, read: int, written: int) -> None:
        meter = Meter()
        admitted = await gate.admit(frames(), asker("ann"), meter)
        meter.begin()
        async for _ in admitted:
            meter.record(read=read, written=written, complete=True)

    async def test_what_was_used_takes_the_place_of_the_estimate(
        self, gate_of: GateOf, limits_url: str
    ) -> None:
        most = 2 * ESTIMATE
        async with gate_of(
            settings(limits_url, tokens_per_day=f"user:{most}"), models=(MODEL,)
        ) as gate:
            for _ in range(5):
                await self.spend(gate, read=900, written=100)
            assert gate.budgets is not None
            assert await gate.budgets.spent("tokens", "user", asker("ann").user) == 5_000

    async def test_over_budget_tells_when_it_renews(self, gate_of: GateOf, limits_url: str) -> None:
        changes = {
            "money_per_month": "user:0.01",
            "model_prices": f"{MODEL}:0.1/1",
            "answers_at_once": "user:1",
        }
        async with gate_of(settings(limits_url, **changes), models=(MODEL,)) as gate:
            assert gate.budgets is not None
            await self.spend(gate, read=0, written=10_000)
            for _ in range(2):
                meter = Meter()
                async for _ in await gate.admit(frames(), asker("ann"), meter):
                    pass
                now = datetime.now(UTC)
                assert meter.renews_at is not None
                assert now < meter.renews_at <= now + timedelta(days=31)
                assert (meter.renews_at.day, meter.renews_at.hour) == (1, 0)
            error = await refused(lambda: gate.paid(asker("ann"), Meter()).__aenter__())
            assert (error.status, error.code) == (429, "over_budget")
            assert 0 < int(error.headers["Retry-After"]) <= 31 * 86_400
            # What was refused is neither reserved nor held.
            assert await gate.budgets.spent("money", "user", asker("ann").user) == 10_000
            meter = Meter()
            await gate.admit(frames(), asker("bob"), meter)
            assert meter.renews_at is None

    async def test_tenants_have_budgets_of_their_own(
        self, gate_of: GateOf, limits_url: str
    ) -> None:
        limited = settings(limits_url, tokens_per_day=f"tenant:{ESTIMATE}")
        renewals = {}
        async with gate_of(limited, models=(MODEL,)) as gate:
            for user, tenant in (("ann", "acme"), ("bob", "other"), ("cleo", "acme")):
                meter = Meter()
                async for _ in await gate.admit(frames(), asker(user, tenant=tenant), meter):
                    meter.record(read=ESTIMATE, written=0, complete=True)
                renewals[user] = meter.renews_at
        assert renewals["ann"] is renewals["bob"] is None
        assert renewals["cleo"] is not None

    async def test_a_restart_forgives_nothing(self, gate_of: GateOf, limits_url: str) -> None:
        limited = settings(limits_url, tokens_per_day=f"user:{ESTIMATE}")
        async with gate_of(limited, models=(MODEL,)) as gate:
            await self.spend(gate, read=1, written=0)
        async with gate_of(limited, models=(MODEL,)) as gate:
            meter = Meter()
            await gate.admit(frames(), asker("ann"), meter)
            assert meter.renews_at is not None

    async def test_two_servers_hold_one_budget(self, gate_of: GateOf, limits_url: str) -> None:
        limited = settings(limits_url, tokens_per_day=f"user:{5 * ESTIMATE}")
        meters = [Meter() for _ in range(12)]
        async with (
            gate_of(limited, models=(MODEL,)) as one,
            gate_of(limited, models=(MODEL,)) as other,
        ):

            async def admit(number: int) -> None:
                await (one, other)[number % 2].admit(frames(), asker("ann"), meters[number])

            async with anyio.create_task_group() as group:
                for number in range(len(meters)):
                    group.start_soon(admit, number)
            assert one.budgets is not None
            spent = await one.budgets.spent("tokens", "user", asker("ann").user)
        admitted = sum(meter.renews_at is None for meter in meters)
        # Of those that come at one moment, a refused one may have been in another's way.
        assert 0 < admitted <= 5
        assert spent == admitted * ESTIMATE

    async def test_each_model_costs_its_own_price(self, gate_of: GateOf) -> None:
        changes = {"money_per_month": "user:9", "model_prices": "a:1/2,b:10/20"}
        async with gate_of(settings(**changes), models=("a", "b")) as gate:
            for model in ("", "a", "b"):
                meter = Meter()
                admitted = await gate.admit(frames(), asker("ann"), meter)
                meter.begin(model=model)
                meter.record(read=1_000, written=100, complete=True)
                assert [frame async for frame in admitted]
            assert gate.budgets is not None
            spent = await gate.budgets.spent("money", "user", asker("ann").user)
        assert spent == 1_200 + 1_200 + 12_000

    async def test_an_answer_without_a_call_of_the_model_is_free(self, gate_of: GateOf) -> None:
        async with gate_of(settings(tokens_per_day="user:20000"), models=(MODEL,)) as gate:
            for _ in range(3):
                async for _ in await gate.admit(frames(), asker("ann"), Meter()):
                    pass
            assert gate.budgets is not None
            assert await gate.budgets.spent("tokens", "user", asker("ann").user) == 0

    async def test_streams_cut_anywhere_leave_nothing_reserved(
        self, gate_of: GateOf, limits_url: str
    ) -> None:
        """Each ends as what it reported, or as the estimate when a call of it was cut short."""
        expected = 0
        chance = random.Random(7)
        cuts = 40
        async with gate_of(
            settings(limits_url, tokens_per_day="user:1e9", answers_at_once="user:1"),
            models=(MODEL,),
        ) as gate:
            for _ in range(cuts):
                meter = Meter()
                cut_at = chance.randrange(12)

                async def answer(meter: Meter = meter) -> AsyncIterator[bytes]:
                    complete = False
                    try:
                        await anyio.lowlevel.checkpoint()
                        yield b"title"
                        meter.begin()
                        for _ in range(8):
                            await anyio.lowlevel.checkpoint()
                            yield b"delta"
                        complete = True
                    finally:
                        if not meter.complete:
                            meter.record(read=500, written=20, complete=complete)

                with anyio.CancelScope() as scope:
                    seen = 0
                    async for _ in await gate.admit(answer(), asker("ann"), meter):
                        seen += 1
                        if seen > cut_at:
                            scope.cancel()
                expected += meter.tokens if meter.complete else max(meter.tokens, ESTIMATE)
            assert gate.budgets is not None
            assert await gate.budgets.spent("tokens", "user", asker("ann").user) == expected
            assert 0 < expected < cuts * ESTIMATE
            # No slot was lost either.
            assert [frame async for frame in await gate.admit(frames(), asker("ann"), Meter())]

    async def test_money_needs_a_price(self, gate_of: GateOf) -> None:
        limited = settings(money_per_month="all:5")
        with pytest.raises(SettingsError, match="MODEL_PRICES"):
            async with gate_of(limited, models=("some-model:8b",)):
                pass
        priced = settings(money_per_month="all:5", model_prices="some-model:8b:0/0")
        async with gate_of(priced, models=("some-model:8b",)) as gate:
            assert gate.budgets is not None
        async with gate_of(limited) as gate:
            assert gate.budgets is None


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("unknown", "unknown"),
    ],
)
def test_addresses_are_counted_as_their_owners_have_them(host: str, counted: str) -> None:
    assert counted_address(host) == counted


@pytest.mark.parametrize(
    "text", ["user", "user:", "user:x", "user:0", "user:-1", "me:3", "all:inf"]
)
def test_amounts_that_can_not_be_read_are_named(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse_amounts(text)
