"""Each kind of credential, good and bad, at each route that asks who is asking."""

import time
from collections.abc import Mapping
from typing import Any

import anyio
import httpx
import jwt
from pydantic import SecretStr

from server.auth.api_keys import KeyScope, make_key
from server.settings import ServerSettings
from store.threads.api_keys import add_api_key, revoke_api_key
from store.threads.engine import open_thread_store
from tests.server.conftest import Serve

SECRET = "b7e0d5a1c3f94826" * 4
OTHER = "0f1e2d3c4b5a6978" * 4
LIST: Mapping[str, Any] = {"json": {"type": "threads.list", "params": {}}}
ROUTES: list[tuple[str, str, Mapping[str, Any]]] = [
    ("POST", "/chatkit", LIST),
    ("GET", "/entities?q=install", {}),
    ("POST", "/attachments", {"files": {"file": ("a.txt", b"text", "text/plain")}}),
    ("GET", "/attachments/atc_missing", {}),
]


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


def answers(http: httpx.Client, credential: str | None) -> dict[str, str]:
    """Return what each route says to a credential: the status, with the reason of a refusal."""
    found = {}
    http.headers.pop("Authorization", None)
    for method, path, body in ROUTES:
        http.cookies.clear()
        headers = {"Authorization": f"Bearer {credential}"} if credential is not None else {}
        response = http.request(method, path, headers=headers, **body)
        reason = response.json()["error"]["code"] if response.status_code in {401, 403} else "in"
        found[path.split("?")[0]] = reason
        if response.status_code == 401:
            assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    return found


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
        keys["other"]: "missing_scope",
        keys["good"][:-43] + keys["revoked"][-43:]: "unknown_key",
    }
    everywhere = {path.split("?")[0] for _, path, _ in ROUTES}
    for credential, expected in cases.items():
        assert answers(http, credential) == dict.fromkeys(everywhere, expected)


def test_anonymous_readers_with_tokens(serve: Serve) -> None:
    http = serve(session_secret=SecretStr(SECRET)).http
    good = http.post("/session").json()["token"]
    everywhere = {path.split("?")[0] for _, path, _ in ROUTES}
    cases: dict[str | None, str] = {
        good: "in",
        None: "session_required",
        "k" * 32: "session_required",
        token(): "session_required",
        "k" * 8193: "token_too_large",
    }
    for credential, expected in cases.items():
        assert answers(http, credential) == dict.fromkeys(everywhere, expected)


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
                    "Access-Control-Request-Headers": "authorization, content-type, x-request-id",
                },
            )
            assert asked.is_success is allowed
            assert (asked.headers.get("access-control-allow-origin") == asking) is allowed
            # Only where a site's cookies say who is asking.
            assert asked.headers["access-control-allow-credentials"] == "true"
