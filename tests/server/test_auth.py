"""Anonymous readers: who they are, and that their keys are kept to themselves."""

from collections.abc import Mapping

import pytest
from fastapi import Request, Response

from server.auth import COOKIE, identify, remember
from server.errors import RequestRefused

KEY = "k" * 22


def request(headers: Mapping[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def test_a_token_tells_the_same_reader_each_time_and_is_not_their_id() -> None:
    first = identify(request({"Authorization": f"Bearer {KEY}"}))
    again = identify(request({"authorization": f"bearer {KEY}"}))
    other = identify(request({"Authorization": f"Bearer {KEY}x"}))
    assert first.context == again.context != other.context
    assert KEY not in first.context.user_id
    assert first.new_key is None


def test_a_reader_without_a_key_is_given_a_cookie_that_tells_them_later() -> None:
    reader = identify(request({}))
    response = Response()
    remember(reader, response, secure=True)
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" in cookie
    returned = identify(request({"Cookie": cookie.split(";")[0]}))
    assert returned.context == reader.context
    assert returned.new_key is None


def test_a_forged_cookie_makes_a_new_reader() -> None:
    assert identify(request({"Cookie": f"{COOKIE}=short"})).new_key is not None


@pytest.mark.parametrize(
    "value", ["Bearer short", "Bearer", "Basic " + KEY, f"Bearer {KEY} x", "Bearer " + "k" * 513]
)
def test_a_token_that_could_be_guessed_or_is_malformed_is_refused(value: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        identify(request({"Authorization": value}))
    assert refused.value.status == 401
