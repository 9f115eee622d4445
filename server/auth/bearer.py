"""The token of a request's `Authorization` header, before anything in it is believed."""

import re

from fastapi import Request

from server.auth.identity import unauthorized

LONGEST_TOKEN = 8_192
"""Characters; more than any provider's tokens have."""

TOKEN_TYPE = "footnote-session+jwt"  # noqa: S105 - a name, not a secret
"""The `typ` of the tokens that this server issues itself."""

KEY_PREFIX = "fnk_"
"""How the keys of scripts begin."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")


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
