"""Each kind of credential, good and bad, at each route that asks who is asking."""

import json
import sys
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import anyio
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from fastapi import Request
from jwt.algorithms import OKPAlgorithm
from pydantic import SecretStr

from server.auth.api_keys import make_key
from server.auth.identity import Identity
from server.auth.key_scopes import KeyScope
from server.settings import ServerSettings
from store.threads.api_keys import add_api_key, revoke_api_key
from store.threads.engine import open_thread_store
from tests.contract.loopback_http import Received, Reply, loopback
from tests.server.conftest import Serve

SECRET = "b7e0d5a1c3f94826" * 4
OTHER = "0f1e2d3c4b5a6978" * 4
LIST: Mapping[str, Any] = {"json": {"type": "threads.list", "params": {}}}
ROUTES: list[tuple[str, str, Mapping[str, Any]]] = [
    ("POST", "/chatkit", LIST),
    ("GET", "/entities?q=install", {}),
    ("POST", "/attachments", {"files": {"file": ("a.txt", b"text", "text/plain")}}),
    ("POST", "/attachments/atc_missing", {"content": b"text"}),
    ("GET", "/attachments/atc_missing", {}),
    (
        "POST",
        "/chatkit?transcribe",
        {
            "json": {
                "type": "input.transcribe",
                "params": {"audio_base64": "AAAA", "mime_type": "audio/webm"},
            }
        },
    ),
    ("GET", "/metrics", {}),
]
EVERYWHERE = {f"{method} {path}" for method, path, _ in ROUTES}
# Prometheus comes with a key of its own, whoever else may ask.
METRICS = "GET /metrics"
HEADERS = "authorization, chatkit-frame-instance-id, content-type, x-request-id"
AFAR = {"X-Forwarded-For": "203.0.113.5"}


def token(secret: str = SECRET, **changes: Any) -> str:
    claims = {"sub": "42", "exp": int(time.time()) + 300, **changes}
    return jwt.encode(claims, secret, algorithm="HS256")


def kept_keys(settings: ServerSettings) -> dict[str, str]:
    """Keep a key of each state, and return them by it."""

    async def keep() -> dict[str, str]:
        keys = {}
        async with open_thread_store(settings.resolved_database_url) as threads:
            for state, scope in (
                ("good", KeyScope.ASK),
                ("revoked", KeyScope.ASK),
                ("other", KeyScope.METRICS),
            ):
                kept, keys[state] = make_key(state, scopes=[scope])
                await add_api_key(threads, kept)
                if state == "revoked":
                    await revoke_api_key(threads, kept.id)
        return keys

    return anyio.run(keep)


def answers(
    http: httpx.Client, credential: str | None, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return what each route says to a credential: the status, with the reason of a refusal."""
    found = {}
    http.headers.pop("Authorization", None)
    for method, path, body in ROUTES:
        http.cookies.clear()
        headers = {"Authorization": f"Bearer {credential}"} if credential is not None else {}
        headers = {**headers, **AFAR, **(more or {})}
        response = http.request(method, path, headers=headers, **body)
        reason = response.json()["error"]["code"] if response.status_code in {401, 403} else "in"
        found[f"{method} {path}"] = reason
        if response.status_code == 401:
            assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    return found


def everywhere(expected: str) -> dict[str, str]:
    """Return the same answer for each route; who may ask may not read metrics."""
    return {
        **dict.fromkeys(EVERYWHERE, expected),
        METRICS: "missing_scope" if expected == "in" else expected,
    }


def test_signed_in_readers_and_scripts_alone(serve: Serve, settings: ServerSettings) -> None:
    keys = kept_keys(settings)
    http = serve(auth=("jwt", "api_key"), jwt_secret=SecretStr(SECRET)).http
    session = jwt.encode(
        {"sub": "reader_" + "0" * 32, "exp": 4_000_000_000, "iat": 1, "origin": ""},
        OTHER,
        algorithm="HS256",
        headers={"typ": "footnote-session+jwt"},
    )
    cases: dict[str | None, str] = {
        token(): "in",
        keys["good"]: "in",
        None: "sign_in_required",
        "k" * 32: "token_not_accepted",
        token(exp=int(time.time()) - 300): "token_expired",
        token(nbf=int(time.time()) + 300): "token_not_yet_valid",
        token(OTHER): "bad_signature",
        jwt.encode({"sub": "42", "exp": 4_000_000_000}, "", algorithm="none"): (
            "algorithm_not_allowed"
        ),
        session: "token_not_accepted",
        "k" * 8193: "token_too_large",
        keys["revoked"]: "key_revoked",
        keys["good"][:-43] + keys["revoked"][-43:]: "unknown_key",
    }
    for credential, expected in cases.items():
        assert answers(http, credential) == everywhere(expected)
    metrics = answers(http, keys["other"])
    assert metrics == {**everywhere("missing_scope"), METRICS: "in"}


def test_anonymous_readers_with_tokens(serve: Serve) -> None:
    http = serve(session_secret=SecretStr(SECRET)).http
    good = http.post("/session").json()["token"]
    cases: dict[str | None, str] = {
        good: "in",
        None: "session_required",
        "k" * 32: "session_required",
        token(): "session_required",
        "k" * 8193: "token_too_large",
    }
    for credential, expected in cases.items():
        assert answers(http, credential) == everywhere(expected)


def test_public_keys_of_a_provider(serve: Serve) -> None:
    """As Better Auth and others publish them."""
    private, foreign = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))
    published = json.loads(OKPAlgorithm.to_jwk(private.public_key()))
    now = int(time.time())

    def signed(key: ed25519.Ed25519PrivateKey = private, kid: str = "one", **changes: Any) -> str:
        claims = {"sub": "42", "exp": now + 300, "iss": "https://id.test", "aud": "docs"}
        return jwt.encode({**claims, **changes}, key, algorithm="EdDSA", headers={"kid": kid})

    public = private.public_key().public_bytes_raw().hex()
    confused = jwt.encode(
        {"sub": "42", "exp": now + 300, "iss": "https://id.test", "aud": "docs"},
        public,
        algorithm="HS256",
        headers={"kid": "one"},
    )
    cases = {
        signed(): "in",
        signed(foreign): "bad_signature",
        signed(kid="two"): "unknown_key",
        signed(exp=now - 300): "token_expired",
        signed(nbf=now + 300): "token_not_yet_valid",
        signed(iss="https://evil.test"): "wrong_issuer",
        signed(aud="shop"): "wrong_audience",
        confused: "algorithm_not_allowed",
        jwt.encode({"sub": "42"}, "", algorithm="none"): "algorithm_not_allowed",
        signed()[:-4] + "AAAA": "bad_signature",
        "eyJ." + "k" * 8192: "token_too_large",
    }
    with loopback(lambda _: Reply({"keys": [{**published, "kid": "one", "alg": "EdDSA"}]})) as site:
        http = serve(
            auth=("jwt",),
            jwt_jwks_url=f"{site.url}/jwks",
            jwt_issuer="https://id.test",
            jwt_audience="docs",
        ).http
        for credential, expected in cases.items():
            assert answers(http, credential) == everywhere(expected)
        # One for all, and no more than another for the id that isn't known.
        assert len(site.received) <= 2


def test_cookies_of_a_site_and_a_function(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def whose(received: Received) -> Reply:
        cookies = received.headers["cookie"]
        if "sid=broken" in cookies:
            return Reply({"user": ""})
        return Reply({"user": "ann"}) if "sid=good" in cookies else Reply(None, status=401)

    def who_asks(request: Request) -> Identity | None:
        return Identity(user="bob") if request.headers.get("x-user") == "bob" else None

    module = ModuleType("matrix_accounts")
    vars(module)["who_asks"] = who_asks
    monkeypatch.setitem(sys.modules, "matrix_accounts", module)
    cases: dict[str, tuple[Mapping[str, str], str]] = {
        "good": ({"cookie": "sid=good"}, "in"),
        "wrong, expired": ({"cookie": "sid=old"}, "sign_in_required"),
        "none": ({}, "sign_in_required"),
        "foreign site": (
            {"cookie": "sid=good", "origin": "https://evil.example"},
            "origin_not_allowed",
        ),
        "oversized": ({"authorization": f"Bearer {'k' * 8193}"}, "token_too_large"),
        "function": ({"x-user": "bob"}, "in"),
        "function, someone else": ({"x-user": "eve"}, "sign_in_required"),
    }
    with loopback(whose) as site:
        http = serve(
            auth=("cookie", "matrix_accounts:who_asks"), auth_callback_url=f"{site.url}/whose"
        ).http
        for name, (headers, expected) in cases.items():
            assert answers(http, None, headers) == everywhere(expected), name
        broken = http.post("/chatkit", headers={"cookie": "sid=broken"}, **LIST)
        assert (broken.status_code, broken.json()["error"]["code"]) == (503, "sign_in_unavailable")


def test_a_browser_may_ask_first_at_each_route(serve: Serve) -> None:
    origin = "https://docs.example.com"
    client = serve(allowed_origins=(origin,), auth=("cookie",), auth_callback_url="http://x/")
    for method, path in [("POST", "/session"), *(route[:2] for route in ROUTES)]:
        for asking, allowed in ((origin, True), ("https://evil.example", False)):
            asked = client.http.options(
                path,
                headers={
                    "Origin": asking,
                    "Access-Control-Request-Method": method,
                    "Access-Control-Request-Headers": HEADERS,
                },
            )
            assert asked.is_success is allowed
            assert (asked.headers.get("access-control-allow-origin") == asking) is allowed
            if allowed:
                assert asked.headers["access-control-allow-headers"] == HEADERS
            # Only where a site's cookies say who is asking.
            assert asked.headers["access-control-allow-credentials"] == "true"
