"""Who is asking: an anonymous reader, known by a random key that only the reader's browser has.

The widget sends its key as a bearer token; other clients of the same site get one as a cookie.
The key itself is never stored: a reader's id is the SHA-256 of it.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from fastapi import Request, Response

from server.context import RequestContext
from server.errors import RequestRefused

COOKIE = "footnote_reader"
_COOKIE_SECONDS = 365 * 24 * 3600
# 128 bits are 22 characters of base64; shorter keys could be guessed.
_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{22,512}")


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader, and the key that a response must set as a cookie, if it is a new one."""

    context: RequestContext
    new_key: str | None = None


def identify(request: Request) -> Reader:
    """Tell the reader by bearer token or cookie, or make a new one.

    Raises `RequestRefused` (401) for a token that can't be a reader's key.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not _KEY.fullmatch(token.strip()):
            raise RequestRefused(
                401,
                "invalid_token",
                "Send `Authorization: Bearer` with a random key of 22 to 512 characters.",
            )
        return Reader(_context(token.strip()))
    key = request.cookies.get(COOKIE, "")
    if _KEY.fullmatch(key):
        return Reader(_context(key))
    key = secrets.token_urlsafe(32)
    return Reader(_context(key), new_key=key)


def remember(reader: Reader, response: Response, *, secure: bool) -> None:
    """Set the cookie of a new reader."""
    if reader.new_key is not None:
        response.set_cookie(
            COOKIE,
            reader.new_key,
            max_age=_COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=secure,
        )


def _context(key: str) -> RequestContext:
    return RequestContext(user_id=f"reader_{hashlib.sha256(key.encode()).hexdigest()[:32]}")
