"""The token of a request's `Authorization` header, before anything in it is believed."""

import re

import jwt
from fastapi import Request

from server.auth.identity import unauthorized
from server.errors import RequestRefused

LONGEST_TOKEN = 8_192
"""Characters; more than any provider's tokens have."""

TOKEN_TYPE = "footnote-session+jwt"  # noqa: S105 - a name, not a secret
"""The `typ` of the tokens that this server issues itself."""

KEY_PREFIX = "fnk_"
"""How the keys of scripts begin."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")

# The first that fits; PyJWT's exceptions derive from one another.
_REASONS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "token_expired", "This token has expired."),
    (jwt.ImmatureSignatureError, "token_not_yet_valid", "This token is not valid yet."),
    (jwt.InvalidIssuerError, "wrong_issuer", "This token comes from another issuer."),
    (jwt.InvalidAudienceError, "wrong_audience", "This token was made for someone else."),
    (jwt.MissingRequiredClaimError, "missing_claim", "This token lacks a claim that it needs."),
    (jwt.InvalidAlgorithmError, "algorithm_not_allowed", "This token is signed another way."),
    (jwt.InvalidSignatureError, "bad_signature", "This token's signature is wrong."),
    (jwt.DecodeError, "malformed_token", "This is no JSON web token."),
    (jwt.InvalidTokenError, "invalid_claim", "A claim of this token is not what it should be."),
)


def bearer_token(request: Request) -> str | None:
    """Return the bearer token, if there is an `Authorization` header.

    Raises `RequestRefused` (401) for another scheme and for what can't be a token.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if len(token) > LONGEST_TOKEN:
        raise unauthorized("token_too_large", f"A token has at most {LONGEST_TOKEN} characters.")
    if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token):
        raise unauthorized("invalid_token", "Send `Authorization: Bearer` with a token.")
    return token


def looks_like_jwt(token: str) -> bool:
    """Tell whether a token is meant as a JSON web token: its header begins with `{"`."""
    return token.startswith("ey") and "." in token


def is_signed(token: str | None) -> bool:
    """Tell whether a token was issued by someone, unlike the keys that readers make up."""
    return token is not None and (looks_like_jwt(token) or token.startswith(KEY_PREFIX))


def token_header(token: str) -> dict[str, object]:
    """Return the header of a JSON web token, unverified; raises `RequestRefused` (401)."""
    try:
        return jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise unauthorized("malformed_token", "This is no JSON web token.") from error


def token_refusal(error: jwt.PyJWTError) -> RequestRefused:
    """Make the refusal of a token that PyJWT does not accept."""
    code, message = next(
        ((code, message) for kind, code, message in _REASONS if isinstance(error, kind)),
        ("bad_signature", "This token's signature is wrong."),
    )
    return unauthorized(code, message)
