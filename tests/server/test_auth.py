"""Anonymous readers: who they are, that their keys are kept to themselves, and their tokens."""

from collections.abc import Mapping

import jwt
import pytest
from fastapi import Request, Response
from pydantic import SecretStr

from server.auth.authenticator import Authenticator
from server.auth.identity import Reader
from server.auth.sessions import COOKIE, Sessions, remember
from server.auth.settings import AuthSettings
from server.errors import RequestRefused
from tests.server.conftest import Serve

KEY = "k" * 22
SECRET = "b7e0d5a1c3f94826" * 4
OLDER = "fedcba9876543210" * 4
SITE = "https://docs.example.com"


def request(headers: Mapping[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def authenticator(*, secret: str = "") -> Authenticator:
    settings = AuthSettings(session_secret=SecretStr(secret) if secret else None)
    return Authenticator([], Sessions(settings, (SITE,)))


async def identify(headers: Mapping[str, str]) -> Reader:
    return await authenticator().identify(request(headers))


async def test_a_key_tells_the_same_reader_each_time_and_is_not_their_id() -> None:
    first = await identify({"Authorization": f"Bearer {KEY}"})
    again = await identify({"authorization": f"bearer {KEY}"})
    other = await identify({"Authorization": f"Bearer {KEY}x"})
    assert first.context == again.context != other.context
    assert KEY not in first.context.user_id
    assert first.new_key is None


async def test_a_reader_without_a_key_is_given_a_cookie_that_tells_them_later() -> None:
    reader = await identify({})
    response = Response()
    remember(reader, response, secure=True)
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" in cookie
    returned = await identify({"Cookie": cookie.split(";")[0]})
    assert returned.context == reader.context
    assert returned.new_key is None


async def test_a_forged_cookie_makes_a_new_reader() -> None:
    assert (await identify({"Cookie": f"{COOKIE}=short"})).new_key is not None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Bearer short", "invalid_token"),
        ("Bearer", "invalid_token"),
        (f"Basic {KEY}", "invalid_token"),
        (f"Bearer {KEY} x", "invalid_token"),
        (f"Bearer {'k' * 513}", "invalid_token"),
        (f"Bearer {'k' * 8193}", "token_too_large"),
        ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "token_not_accepted"),
    ],
)
async def test_what_could_be_guessed_or_is_no_key_is_refused(value: str, code: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        await identify({"Authorization": value})
    assert (refused.value.status, refused.value.code) == (401, code)
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer ")


async def test_the_browsers_first_language_is_known() -> None:
    reader = await identify({"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"})
    assert reader.context.locale == "de-CH"
    assert (await identify({"Accept-Language": "*"})).context.locale == ""


async def test_a_key_and_the_token_for_it_are_the_same_reader() -> None:
    both = authenticator()
    headers = {"Authorization": f"Bearer {KEY}", "Origin": SITE}
    token = both.begin_session(request(headers)).token
    by_key = await both.identify(request(headers))
    by_token = await both.identify(request({"Authorization": f"Bearer {token}", "Origin": SITE}))
    assert by_token.context == by_key.context


async def test_with_a_secret_a_token_is_needed() -> None:
    strict = authenticator(secret=SECRET)
    for headers in ({}, {"Authorization": f"Bearer {KEY}"}, {"Cookie": f"{COOKIE}={KEY}"}):
        with pytest.raises(RequestRefused) as refused:
            await strict.identify(request(headers))
        assert (refused.value.status, refused.value.code) == (401, "session_required")
    token = strict.begin_session(request({})).token
    assert (await strict.identify(request({"Authorization": f"Bearer {token}"}))).new_key is None


async def test_a_token_is_good_on_the_pages_that_it_was_made_for() -> None:
    strict = authenticator(secret=SECRET)
    token = strict.begin_session(request({"Origin": SITE})).token
    for origin in ({"Origin": "https://evil.example"}, {}):
        with pytest.raises(RequestRefused) as refused:
            await strict.identify(request({"Authorization": f"Bearer {token}", **origin}))
        assert refused.value.code == "wrong_origin"


def test_a_site_that_may_not_embed_gets_no_token() -> None:
    with pytest.raises(RequestRefused) as refused:
        authenticator().begin_session(request({"Origin": "https://evil.example", "Host": "docs"}))
    assert (refused.value.status, refused.value.code) == (403, "origin_not_allowed")
    own = authenticator().begin_session(request({"Origin": "https://docs", "Host": "docs"}))
    assert own.token


async def test_an_expired_token_is_refused_and_renewed_for_the_same_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strict = authenticator(secret=SECRET)
    first = strict.begin_session(request({})).token
    expired = _aged(first, seconds=3600)
    with pytest.raises(RequestRefused) as refused:
        await strict.identify(request({"Authorization": f"Bearer {expired}"}))
    assert refused.value.code == "token_expired"
    renewed = strict.begin_session(request({"Authorization": f"Bearer {expired}"})).token
    assert renewed != first
    readers = [
        (await strict.identify(request({"Authorization": f"Bearer {token}"}))).context
        for token in (first, renewed)
    ]
    assert readers[0] == readers[1]
    forgotten = _aged(first, seconds=31 * 24 * 3600)
    with pytest.raises(RequestRefused) as refused:
        strict.begin_session(request({"Authorization": f"Bearer {forgotten}"}))
    assert refused.value.code == "token_expired"


async def test_tokens_of_the_secret_before_are_good_while_it_is_named() -> None:
    token = authenticator(secret=OLDER).begin_session(request({})).token
    headers = {"Authorization": f"Bearer {token}"}
    await authenticator(secret=f"{SECRET},{OLDER}").identify(request(headers))
    with pytest.raises(RequestRefused) as refused:
        await authenticator(secret=SECRET).identify(request(headers))
    assert refused.value.code == "bad_signature"


async def test_a_token_whose_signature_was_taken_off_is_refused() -> None:
    strict = authenticator(secret=SECRET)
    claims = jwt.decode(_token(strict), options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"typ": "footnote-session+jwt"})
    with pytest.raises(RequestRefused) as refused:
        await strict.identify(request({"Authorization": f"Bearer {unsigned}"}))
    assert refused.value.code == "algorithm_not_allowed"


def test_a_session_is_begun_over_http(serve: Serve) -> None:
    client = serve(session_secret=SecretStr(SECRET))
    assert client.request("threads.list").json()["error"]["code"] == "session_required"
    begun = client.http.post("/session")
    assert begun.headers["cache-control"] == "no-store"
    assert begun.json()["expires_at"].endswith("Z")
    client.http.headers["Authorization"] = f"Bearer {begun.json()['token']}"
    assert client.ask("How do I upgrade?").errors == []
    [thread] = client.request("threads.list").json()["data"]
    client.http.headers["Authorization"] = f"Bearer {client.http.post('/session').json()['token']}"
    assert client.request("threads.list").json()["data"] == [thread]


def _token(issuer: Authenticator) -> str:
    return issuer.begin_session(request({})).token


def _aged(token: str, *, seconds: int) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    claims["exp"] -= seconds
    claims["iat"] -= seconds
    return jwt.encode(claims, SECRET, algorithm="HS256", headers={"typ": "footnote-session+jwt"})
