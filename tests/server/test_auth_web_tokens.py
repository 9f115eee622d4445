"""Web tokens of a site or its provider: what is accepted, and why each other one is not."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fastapi import Request
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from pydantic import SecretStr, ValidationError

from server.auth.authenticator import Authenticator
from server.auth.jwks import PublicKeys
from server.auth.sessions import Sessions
from server.auth.settings import AuthSettings
from server.auth.web_tokens import WebTokens
from server.context import RequestContext
from server.errors import RequestRefused
from store.errors import SettingsError

SECRET = "b7e0d5a1c3f94826" * 4
ISSUER = "https://id.example.com"
AUDIENCE = "docs"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
SIGNERS: dict[str, tuple[Any, str]] = {
    "RS256": (RSA_KEY, "rsa"),
    "ES256": (EC_KEY, "ec"),
    "EdDSA": (ED_KEY, "ed"),
}


def published() -> list[dict[str, Any]]:
    return [
        {**RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": "rsa", "use": "sig"},
        {**ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True), "kid": "ec"},
        {**OKPAlgorithm.to_jwk(ED_KEY.public_key(), as_dict=True), "kid": "ed"},
        {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(b"x" * 32).decode()},
    ]


class Provider:
    """An identity provider's keys over HTTP, and how often they were asked for."""

    def __init__(self) -> None:
        self.keys = published()
        self.status = 200
        self.requests = 0

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return httpx.Response(self.status, json={"keys": self.keys})


@pytest.fixture
def provider() -> Provider:
    return Provider()


def request(token: str | None) -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    return Request({"type": "http", "headers": headers})


Ask = Callable[[str | None], Any]


@pytest.fixture
def ask(provider: Provider) -> Ask:
    """Return a function that sends a token to a server that takes every kind of them."""
    settings = AuthSettings(
        auth=("jwt", "anonymous"),
        session_secret=SecretStr("a41c" * 8 + SECRET),
        jwt_secret=SecretStr(SECRET),
        jwt_jwks_url=f"{ISSUER}/keys",
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
    )
    client = httpx.AsyncClient(transport=httpx.MockTransport(provider))
    tokens = WebTokens(settings, PublicKeys(settings.jwt_jwks_url, client))
    authenticator = Authenticator([("jwt", tokens)], Sessions(settings, ()))

    async def ask(token: str | None) -> RequestContext:
        return (await authenticator.identify(request(token))).context

    return ask


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {"sub": "42", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300, **changes}
    return {name: value for name, value in made.items() if value is not None}


def signed(algorithm: str = "HS256", *, kid: str | None = None, **changes: Any) -> str:
    key, own_kid = SIGNERS.get(algorithm, (SECRET, None))
    headers = {"kid": kid or own_kid} if kid or own_kid else None
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


async def refusal(ask: Ask, token: str | None) -> str:
    with pytest.raises(RequestRefused) as refused:
        await ask(token)
    assert refused.value.status == 401
    return refused.value.code


@pytest.mark.parametrize("algorithm", ["HS256", *SIGNERS])
async def test_a_good_token_names_user_tenant_and_roles(ask: Ask, algorithm: str) -> None:
    token = signed(algorithm, tenant="acme", roles=["admin", "dev"], locale="fr")
    context = await ask(token)
    assert context.user_id == "user:acme:42"
    assert (context.tenant, context.locale) == ("acme", "fr")
    assert context.roles == {"admin", "dev"}


async def test_roles_may_stand_in_one_line(ask: Ask) -> None:
    assert (await ask(signed(roles="admin dev"))).roles == {"admin", "dev"}


async def test_no_name_makes_a_user_of_one_tenant_one_of_another(ask: Ask) -> None:
    names = [("a", "b:c"), ("a:b", "c"), ("", "a:b:c"), ("a%3Ab", "c"), ("A", "b:c")]
    ids = [(await ask(signed(tenant=tenant, sub=sub))).user_id for tenant, sub in names]
    assert len(set(ids)) == len(names)
    long = (await ask(signed(sub="x" * 400))).user_id
    assert len(long) <= 255


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": 1_000_000_000}, "token_expired"),
        ({"nbf": 4_000_000_000}, "token_not_yet_valid"),
        ({"iat": 4_000_000_000}, "token_not_yet_valid"),
        ({"iss": "https://other.example"}, "wrong_issuer"),
        ({"iss": None}, "missing_claim"),
        ({"aud": "billing"}, "wrong_audience"),
        ({"aud": None}, "missing_claim"),
        ({"exp": None}, "missing_claim"),
        ({"sub": None}, "missing_claim"),
        ({"sub": ""}, "invalid_claim"),
        ({"tenant": 7}, "invalid_claim"),
        ({"roles": [1]}, "invalid_claim"),
        ({"roles": {"admin": True}}, "invalid_claim"),
    ],
)
async def test_each_wrong_claim_has_its_reason(
    ask: Ask, algorithm: str, changes: dict[str, Any], code: str
) -> None:
    assert await refusal(ask, signed(algorithm, **changes)) == code


async def test_clocks_may_differ_a_little(ask: Ask) -> None:
    await ask(signed(exp=int(time.time()) - 10))
    await ask(signed(nbf=int(time.time()) + 10))


def forged(header: dict[str, Any], *, signature: bytes = b"") -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    body = json.dumps(claims()).encode()
    return ".".join((part(json.dumps(header).encode()), part(body), part(signature)))


async def test_tokens_of_other_keys_and_algorithms_are_refused(ask: Ask) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    cases = {
        forged({"alg": "none"}): "algorithm_not_allowed",
        forged({"alg": "None", "kid": "rsa"}): "algorithm_not_allowed",
        forged({"alg": "HS256"}, signature=b"x" * 32): "bad_signature",
        forged({"typ": "JWT"}): "algorithm_not_allowed",
        jwt.encode(claims(), "y" * 64, algorithm="HS256"): "bad_signature",
        jwt.encode(claims(), SECRET, algorithm="HS512"): "algorithm_not_allowed",
        jwt.encode(claims(), other, algorithm="RS256", headers={"kid": "rsa"}): "bad_signature",
        jwt.encode(claims(), RSA_KEY, algorithm="RS512", headers={"kid": "rsa"}): (
            "algorithm_not_allowed"
        ),
        signed("RS256", kid="ec"): "unknown_key",
        signed("ES256", kid="shared"): "unknown_key",
        signed()[:-8] + "AAAAAAAA": "bad_signature",
        signed().rsplit(".", 1)[0]: "malformed_token",
        "eyJ.x.y": "malformed_token",
        "x" * 8193: "token_too_large",
    }
    found = {token: await refusal(ask, token) for token in cases}
    assert found == cases


async def test_a_public_key_is_no_secret(ask: Ask) -> None:
    pem = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "kid": "rsa", "typ": "JWT"}
    unsigned = forged(header).rsplit(".", 1)[0]
    algorithm = jwt.get_algorithm_by_name("HS256")
    # Signed by hand: PyJWT itself would not take a public key for a secret.
    signature = algorithm.sign(unsigned.encode(), pem)
    assert await refusal(ask, forged(header, signature=signature)) == "bad_signature"


async def test_a_reader_is_not_what_is_left_of_a_bad_token(ask: Ask) -> None:
    assert await refusal(ask, "k" * 30) == "session_required"
    assert await refusal(ask, None) == "session_required"


class TestPublishedKeys:
    async def test_are_fetched_once(self, ask: Ask, provider: Provider) -> None:
        for algorithm in SIGNERS:
            await ask(signed(algorithm))
        assert provider.requests == 1

    async def test_made_up_key_ids_cost_the_provider_little(
        self, ask: Ask, provider: Provider
    ) -> None:
        for number in range(20):
            assert await refusal(ask, signed("RS256", kid=f"no-{number}")) == "unknown_key"
        assert provider.requests <= 2

    async def test_a_new_key_is_found(
        self, ask: Ask, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ask(signed("RS256"))
        newer = {**provider.keys[0], "kid": "rsa-2"}
        provider.keys = [newer, *provider.keys]
        later = time.monotonic() + 31
        monkeypatch.setattr("server.auth.jwks.time.monotonic", lambda: later)
        await ask(signed("RS256", kid="rsa-2"))
        await ask(signed("RS256"))
        assert provider.requests == 2

    async def test_a_withdrawn_key_is_good_no_more(
        self, ask: Ask, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ask(signed("RS256"))
        provider.keys = provider.keys[1:]
        later = time.monotonic() + 601
        monkeypatch.setattr("server.auth.jwks.time.monotonic", lambda: later)
        assert await refusal(ask, signed("RS256")) == "unknown_key"

    async def test_a_provider_that_is_down_locks_nobody_out_at_once(
        self, ask: Ask, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ask(signed("RS256"))
        provider.status = 500
        later = time.monotonic() + 3600
        monkeypatch.setattr("server.auth.jwks.time.monotonic", lambda: later)
        await ask(signed("RS256"))
        much_later = later + 25 * 3600
        monkeypatch.setattr("server.auth.jwks.time.monotonic", lambda: much_later)
        with pytest.raises(RequestRefused) as refused:
            await ask(signed("RS256"))
        assert (refused.value.status, refused.value.code) == (503, "keys_unavailable")


@pytest.mark.parametrize(
    "changes",
    [
        {"auth": "jwt"},
        {"auth": "jwt", "jwt_secret": "short"},
        {"auth": "jwt", "jwt_secret": "a" * 64},
        {"session_secret": f"{SECRET},changeme"},
        {"auth": "jwt", "jwt_jwks_url": "https://id.example.com/keys"},
        {"auth": "cookie"},
        {"auth": "magic"},
        {"auth": ","},
    ],
)
def test_settings_that_would_let_anyone_in_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises((ValidationError, SettingsError)):
        AuthSettings.model_validate(changes)
