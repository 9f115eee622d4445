"""A site's cookies, a function of the owner's, and modes side by side."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import httpx
import jwt
import pytest
from fastapi import Request
from pydantic import SecretStr

from server.auth.api_keys import make_key
from server.auth.authenticator import Authenticator, open_authenticator
from server.auth.identity import Identity
from server.auth.key_scopes import KeyScope
from server.auth.sessions import Sessions
from server.auth.settings import AuthSettings
from server.auth.site_cookies import SiteCookies
from server.errors import RequestRefused
from store.errors import SettingsError
from store.threads.api_keys import add_api_key, list_api_keys, revoke_api_key
from store.threads.engine import open_thread_store
from store.threads.store import ThreadStore

SITE = "https://shop.example"
SECRET = "b7e0d5a1c3f94826" * 4


class Shop:
    """A site that knows who is signed in by its cookie, and counts how often it is asked."""

    def __init__(self) -> None:
        self.answers: dict[str, httpx.Response] = {
            "sid=ann": httpx.Response(200, json={"user": "ann", "tenant": "acme", "extra": 1}),
            "sid=out": httpx.Response(200, text="null"),
            "sid=old": httpx.Response(302, headers={"Location": "/login"}),
            "sid=odd": httpx.Response(200, text="<html>"),
            "sid=nameless": httpx.Response(200, json={"user": ""}),
            "sid=down": httpx.Response(500),
        }
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answers.get(request.headers["cookie"], httpx.Response(401))


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def authenticator(shop: Shop) -> Authenticator:
    client = httpx.AsyncClient(transport=httpx.MockTransport(shop))
    cookies = SiteCookies(f"{SITE}/whoami", client, frozenset({SITE}))
    return Authenticator([("cookie", cookies)], Sessions(AuthSettings(), (SITE,)))


def request(**headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "path": "/chatkit", "headers": raw})


async def test_the_site_says_who_is_signed_in(authenticator: Authenticator, shop: Shop) -> None:
    for _ in range(3):
        reader = await authenticator.identify(request(cookie="sid=ann", origin=SITE))
        assert (reader.context.user_id, reader.context.tenant) == ("user:acme:ann", "acme")
    assert shop.asked == 1


@pytest.mark.parametrize("cookie", ["sid=out", "sid=old", "sid=unknown"])
async def test_nobody_signed_in_is_an_anonymous_reader(
    authenticator: Authenticator, cookie: str
) -> None:
    reader = await authenticator.identify(request(cookie=cookie))
    assert reader.context.user_id.startswith("reader_")


@pytest.mark.parametrize("cookie", ["sid=odd", "sid=nameless", "sid=down"])
async def test_a_site_that_fails_makes_nobody_anonymous(
    authenticator: Authenticator, cookie: str
) -> None:
    with pytest.raises(RequestRefused) as refused:
        await authenticator.identify(request(cookie=cookie))
    assert (refused.value.status, refused.value.code) == (503, "sign_in_unavailable")


async def test_another_sites_page_can_not_use_the_cookie(
    authenticator: Authenticator, shop: Shop
) -> None:
    with pytest.raises(RequestRefused) as refused:
        await authenticator.identify(request(cookie="sid=ann", origin="https://evil.example"))
    assert (refused.value.status, refused.value.code) == (403, "origin_not_allowed")
    assert shop.asked == 0


async def test_a_widgets_own_key_says_less_than_the_cookie(authenticator: Authenticator) -> None:
    headers = {"cookie": "sid=ann", "authorization": f"Bearer {'k' * 32}"}
    reader = await authenticator.identify(request(**headers))
    assert reader.context.user_id == "user:acme:ann"


async def test_our_own_cookie_is_not_the_sites_business(
    authenticator: Authenticator, shop: Shop
) -> None:
    await authenticator.identify(request(cookie=f"footnote_reader={'k' * 30}"))
    assert shop.asked == 0


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a module with functions of an owner."""

    async def who_asks(request: Request) -> Identity | None:
        user = request.headers.get("x-user")
        if user == "mallory":
            raise RequestRefused(403, "banned", "Not you.")
        return Identity(user=user, roles=frozenset({"staff"})) if user else None

    module = ModuleType("shop_accounts")
    vars(module).update(who_asks=who_asks, NUMBER=7)
    monkeypatch.setitem(sys.modules, "shop_accounts", module)
    return "shop_accounts"


@pytest.fixture
async def threads(tmp_path: Path) -> AsyncIterator[ThreadStore]:
    async with open_thread_store(f"sqlite:///{tmp_path / 'threads.db'}") as store:
        yield store


Open = Callable[[AuthSettings], AbstractAsyncContextManager[Authenticator]]


@pytest.fixture
def opened_modes(threads: ThreadStore) -> Open:
    return lambda settings: open_authenticator(settings, threads, allowed_origins=())


async def answer(opened: Authenticator, **headers: str) -> str:
    """Return the user that a request is taken for, or the reason of its refusal."""
    try:
        return (await opened.identify(request(**headers))).context.user_id
    except RequestRefused as refused:
        return refused.code


async def test_modes_stand_side_by_side(accounts: str, opened_modes: Open) -> None:
    settings = AuthSettings.model_validate(
        {"auth": f"jwt, {accounts}:who_asks", "jwt_secret": SECRET}
    )
    token = jwt.encode({"sub": "1", "exp": 4_000_000_000}, SECRET, algorithm="HS256")
    async with opened_modes(settings) as opened:
        assert await answer(opened, authorization=f"Bearer {token}") == "user::1"
        assert await answer(opened, authorization=f"Bearer {token}x") == "bad_signature"
        assert await answer(opened, authorization=f"Bearer {'k' * 30}") == "token_not_accepted"
        assert await answer(opened, **{"x-user": "bob"}) == "user::bob"
        assert await answer(opened, **{"x-user": "mallory"}) == "banned"
        forged = {"x-user": "bob", "cookie": "sid=1", "origin": "https://evil.example"}
        assert await answer(opened, **forged) == "origin_not_allowed"
        assert await answer(opened) == "sign_in_required"


@pytest.mark.parametrize("name", ["no_such_module:f", "shop_accounts:g", "shop_accounts:NUMBER"])
async def test_a_function_that_is_not_there_is_named(
    accounts: str, opened_modes: Open, name: str
) -> None:
    with pytest.raises(SettingsError, match=name):
        async with opened_modes(AuthSettings(auth=(name,))):
            pass


async def test_where_nobody_is_anonymous_no_session_is_begun(opened_modes: Open) -> None:
    settings = AuthSettings(auth=("jwt",), jwt_secret=SecretStr(SECRET))
    async with opened_modes(settings) as opened:
        with pytest.raises(RequestRefused) as refused:
            opened.begin_session(request())
    assert refused.value.code == "sign_in_required"


class TestKeys:
    SETTINGS = AuthSettings(auth=("api_key", "anonymous"))

    async def test_a_key_names_its_tenant_and_roles(
        self, threads: ThreadStore, opened_modes: Open
    ) -> None:
        kept, key = make_key("report", scopes=[KeyScope.ASK], tenant="acme", roles=["dev"])
        await add_api_key(threads, kept)
        assert key not in repr(await list_api_keys(threads))
        async with opened_modes(self.SETTINGS) as opened:
            context = (await opened.identify(request(authorization=f"Bearer {key}"))).context
            assert (context.user_id, context.tenant) == (f"key:{kept.id}", "acme")
            assert context.roles == {"dev"}
            assert await revoke_api_key(threads, kept.id)
            assert not await revoke_api_key(threads, kept.id)
            assert await answer(opened, authorization=f"Bearer {key}") == "key_revoked"
        [listed] = await list_api_keys(threads)
        assert listed.revoked_at is not None

    async def test_each_wrong_key_has_its_reason(
        self, threads: ThreadStore, opened_modes: Open
    ) -> None:
        old, expired = make_key("old", scopes=[KeyScope.ASK], lifetime=timedelta(seconds=-1))
        gauge, metrics = make_key("gauge", scopes=[KeyScope.METRICS])
        unkept, unknown = make_key("unknown", scopes=[KeyScope.ASK])
        for kept in (old, gauge):
            await add_api_key(threads, kept)
        cases = {
            expired: "key_expired",
            metrics: "missing_scope",
            unknown: "unknown_key",
            # The secret of another key.
            f"fnk_{gauge.id}_{unknown[-43:]}": "unknown_key",
            unknown[:-1]: "malformed_key",
            "fnk_": "malformed_key",
            f"fnk_{unkept.id.upper()}_{unknown[-43:]}x": "malformed_key",
        }
        async with opened_modes(self.SETTINGS) as opened:
            found = {key: await answer(opened, authorization=f"Bearer {key}") for key in cases}
        assert found == cases
