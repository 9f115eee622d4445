"""Anonymous readers: a random key that only their browser has, or short-lived tokens for it.

A key is never stored: a reader's id is the SHA-256 of it, so that whoever has the key gets to the
same threads, by whatever token it was exchanged for.
"""

# ruff: noqa: PLC0415 - what reads tokens is loaded for the first one, as most servers see none.

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import Request, Response

from server.auth.bearer import is_signed, looks_like_jwt
from server.auth.identity import Reader, requested_locale, unauthorized
from server.auth.settings import AuthSettings
from server.context import RequestContext
from server.errors import RequestRefused

COOKIE = "footnote_reader"
MODE = "anonymous"

_COOKIE_SECONDS = 365 * 24 * 3600
# A reader who comes back within this time gets a new token for the old one.
_RENEWAL_SECONDS = 30 * 24 * 3600
# 128 bits are 22 characters of base64; shorter keys could be guessed.
_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{22,512}")
_READER = re.compile(r"reader_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Session:
    """A token for an anonymous reader; it lasts until `expires_at`."""

    token: str
    expires_at: datetime


class Sessions:
    """Issues and accepts the credentials of anonymous readers.

    With a secret of the owner's, a request needs a token. Without one, a reader's own key will do:
    keeping two readers apart needs nothing more.
    """

    def __init__(self, settings: AuthSettings, allowed_origins: tuple[str, ...]) -> None:
        given = settings.session_secret.get_secret_value() if settings.session_secret else ""
        self.required = bool(given)
        self._secrets = [part.strip() for part in given.split(",")] if given else [_new_key()]
        self._seconds = settings.session_seconds
        self._allowed = frozenset(allowed_origins)

    def identify(self, request: Request, token: str | None) -> Reader:
        """Tell the reader by token, key or cookie, or make a new one.

        Raises `RequestRefused` (401) for what is neither a token of ours nor a reader's key.
        """
        if token is not None and _is_ours(token):
            return Reader(_context(request, self._reader_of(request, token)), mode=MODE)
        if self.required:
            raise unauthorized("session_required", "Begin with POST /session.")
        if token is not None:
            return Reader(_context(request, _reader_id(token)))
        key = request.cookies.get(COOKIE, "")
        if _KEY.fullmatch(key):
            return Reader(_context(request, _reader_id(key)))
        key = _new_key()
        return Reader(_context(request, _reader_id(key)), new_key=key)

    def begin(self, request: Request, token: str | None) -> Session:
        """Issue a token: for the reader of an older one or of a key, or else for a new reader.

        Raises `RequestRefused`: 401 for a wrong credential, 403 when the request comes from the
        page of a site that isn't allowed.
        """
        from server.auth.tokens import sign_session

        check_origin(request, self._allowed)
        origin = request.headers.get("origin", "")
        if token is None:
            reader = _reader_id(_new_key())
        elif _is_ours(token):
            reader = self._reader_of(request, token, leeway=_RENEWAL_SECONDS)
        else:
            reader = _reader_id(token)
        now = int(time.time())
        ends = now + self._seconds
        claims = {"sub": reader, "origin": origin, "iat": now, "exp": ends}
        return Session(
            token=sign_session({**claims, "jti": secrets.token_urlsafe(12)}, self._secrets[0]),
            expires_at=datetime.fromtimestamp(ends, UTC),
        )

    def _reader_of(self, request: Request, token: str, *, leeway: int = 0) -> str:
        from server.auth.tokens import verified_session

        claims = verified_session(token, self._secrets, leeway=leeway)
        if not _READER.fullmatch(claims["sub"]):
            raise unauthorized("invalid_claim", "This token names no reader.")
        if claims["origin"] != request.headers.get("origin", ""):
            raise unauthorized("wrong_origin", "This token was made for another site's pages.")
        return str(claims["sub"])


def check_origin(request: Request, allowed: frozenset[str]) -> None:
    """Refuse (403) a request that a page of a site sends that may not embed the assistant."""
    origin = request.headers.get("origin")
    if origin is None or origin in allowed or "*" in allowed:
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise RequestRefused(403, "origin_not_allowed", f"{origin} may not use this assistant.")


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


def _is_ours(token: str) -> bool:
    if not looks_like_jwt(token):
        return False
    from server.auth.tokens import is_session_token

    return is_session_token(token)


def _reader_id(key: str) -> str:
    # What is meant as someone's web token or key must not pass for a key that anyone may make up.
    if is_signed(key):
        raise unauthorized("token_not_accepted", "This server takes no tokens of this kind.")
    if not _KEY.fullmatch(key):
        raise unauthorized("invalid_token", "Send a random key of 22 to 512 characters.")
    return f"reader_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _context(request: Request, reader_id: str) -> RequestContext:
    return RequestContext(user_id=reader_id, locale=requested_locale(request))


def _new_key() -> str:
    return secrets.token_urlsafe(32)
