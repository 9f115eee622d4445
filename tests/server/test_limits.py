"""Limits: who counts as whom, when a request is refused, and that nothing leaks or is lost."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from server.errors import RequestRefused
from server.limits import Asker, Gate, open_gate
from server.limits.budgets import ESTIMATED_READ, ESTIMATED_WRITTEN
from server.limits.scopes import counted_address, parse_amounts
from server.limits.settings import LimitSettings
from server.usage import Meter
from store.errors import SettingsError
from tests.contract.redis_server import running_redis

ESTIMATE = ESTIMATED_READ + ESTIMATED_WRITTEN
MODEL = "gpt-5-mini"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture(params=["memory", "redis"])
def limits_url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return ""
    url: str = request.getfixturevalue("redis_url")
    return url


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


async def test_a_user_who_asks_too_often_waits_and_another_does_not(limits_url: str) -> None:
    changes = {"requests_per_minute": "user:3,address:100"}
    async with open_gate(settings(limits_url, **changes), model=None) as gate:
        left = [(await gate.take_request(asker("ann")))["RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        error = await refused(lambda: gate.take_request(asker("ann")))
        assert (error.status, error.code) == (429, "rate_limited")
        assert 0 < int(error.headers["Retry-After"]) <= 60
        assert error.headers["RateLimit-Limit"] == "3"
        await gate.take_request(asker("bob"))


async def test_new_names_do_not_help_an_address(limits_url: str) -> None:
    changes = {"requests_per_minute": "user:3,address:5"}
    async with open_gate(settings(limits_url, **changes), model=None) as gate:
        for number in range(5):
            await gate.take_request(asker(f"made-up-{number}"))
        assert (await refused(lambda: gate.take_request(asker("one-more")))).status == 429
        await gate.take_request(asker("one-more", address="203.0.113.6"))


async def test_tenants_have_limits_of_their_own() -> None:
    async with open_gate(settings(requests_per_minute="tenant:1"), model=None) as gate:
        await gate.take_request(asker("a", tenant="acme"))
        await gate.take_request(asker("b", tenant="other"))
        assert (await refused(lambda: gate.take_request(asker("c", tenant="acme")))).status == 429
        for _ in range(3):
            await gate.take_request(asker("no-tenant"))


async def test_this_machine_itself_is_not_limited() -> None:
    local = Asker(user="me", address=counted_address("127.0.0.1"), tenant="")
    async with open_gate(
        settings(requests_per_minute="all:1", answers_at_once="all:1"), model=None
    ) as gate:
        for _ in range(3):
            assert await gate.take_request(local) == {}
            await gate.admit(frames(), local, Meter())


async def test_only_so_many_answers_at_once(limits_url: str) -> None:
    async with open_gate(settings(limits_url, answers_at_once="user:2"), model=None) as gate:
        first, second = [await gate.admit(frames(), asker("ann"), Meter()) for _ in range(2)]
        error = await refused(lambda: gate.admit(frames(), asker("ann"), Meter()))
        assert (error.status, error.code) == (429, "too_many_answers")
        assert error.headers["Retry-After"]
        await gate.admit(frames(), asker("bob"), Meter())
        assert [frame async for frame in first] == [b"0", b"1", b"2"]
        assert [frame async for frame in await gate.admit(frames(), asker("ann"), Meter())]
        assert [frame async for frame in second]


async def test_a_slot_that_nobody_gives_back_comes_free(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_gate(settings(answers_at_once="user:1"), model=None) as gate:
        await gate.admit(frames(), asker("ann"), Meter())
        await refused(lambda: gate.admit(frames(), asker("ann"), Meter()))
        monkeypatch.setattr("server.limits.slots.LEASE_SECONDS", -1.0)
        async with open_gate(settings(answers_at_once="user:1"), model=None) as short:
            await short.admit(frames(), asker("ann"), Meter())
            await short.admit(frames(), asker("ann"), Meter())


async def test_two_servers_on_one_redis_hold_one_limit(redis_url: str) -> None:
    changes = {"requests_per_minute": "all:10", "answers_at_once": "user:3"}
    async with (
        open_gate(settings(redis_url, **changes), model=None) as one,
        open_gate(settings(redis_url, **changes), model=None) as other,
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


async def test_limits_that_can_not_be_counted_let_nothing_through() -> None:
    url = "redis://127.0.0.1:1/0"
    async with open_gate(settings(url, requests_per_minute="all:9"), model=None) as gate:
        error = await refused(lambda: gate.take_request(asker("ann")))
        assert (error.status, error.code) == (503, "limits_unavailable")


class TestBudgets:
    async def spend(self, gate: Gate, *, read: int, written: int) -> None:
        meter = Meter()
        admitted = await gate.admit(frames(), asker("ann"), meter)
        meter.begin()
        async for _ in admitted:
            meter.record(read=read, written=written, complete=True)

    async def test_what_was_used_takes_the_place_of_the_estimate(self, limits_url: str) -> None:
        most = 2 * ESTIMATE
        async with open_gate(
            settings(limits_url, tokens_per_day=f"user:{most}"), model=MODEL
        ) as gate:
            for _ in range(5):
                await self.spend(gate, read=900, written=100)
            assert gate.budgets is not None
            assert await gate.budgets.spent("tokens", "user", asker("ann").user) == 5_000

    async def test_over_budget_tells_when_it_renews(self, limits_url: str) -> None:
        changes = {"money_per_month": "all:0.01", "model_prices": f"{MODEL}:0.1/1"}
        async with open_gate(settings(limits_url, **changes), model=MODEL) as gate:
            assert gate.budgets is not None
            before = await gate.budgets.spent("money", "all", "all")
            if not before:
                await self.spend(gate, read=0, written=10_000)
            error = await refused(lambda: gate.admit(frames(), asker("ann"), Meter()))
            assert (error.status, error.code) == (429, "over_budget")
            now = datetime.now(UTC)
            assert 0 < int(error.headers["Retry-After"]) <= 31 * 86_400
            assert str(now.year) not in error.message
            # What was refused is neither reserved nor held.
            assert await gate.budgets.spent("money", "all", "all") == 10_000

    async def test_an_answer_without_a_call_of_the_model_is_free(self) -> None:
        async with open_gate(settings(tokens_per_day="user:20000"), model=MODEL) as gate:
            for _ in range(3):
                async for _ in await gate.admit(frames(), asker("ann"), Meter()):
                    pass
            assert gate.budgets is not None
            assert await gate.budgets.spent("tokens", "user", asker("ann").user) == 0

    async def test_streams_cut_anywhere_leave_nothing_reserved(self, limits_url: str) -> None:
        """Each ends as what it reported, or as the estimate when a call of it was cut short."""
        expected = 0
        chance = random.Random(7)
        cuts = 200 if not limits_url else 40
        async with open_gate(
            settings(limits_url, tokens_per_day="user:1e9", answers_at_once="user:1"), model=MODEL
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

    async def test_money_needs_a_price(self) -> None:
        limited = settings(money_per_month="all:5")
        with pytest.raises(SettingsError, match="MODEL_PRICES"):
            async with open_gate(limited, model="some-model:8b"):
                pass
        priced = settings(money_per_month="all:5", model_prices="some-model:8b:0/0")
        async with open_gate(priced, model="some-model:8b") as gate:
            assert gate.budgets is not None
        async with open_gate(limited, model=None) as gate:
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
