"""Keys of scripts: `fnk_<id>_<secret>`, of which the database has the id and the secret's hash."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from fastapi import Request

from server.auth.bearer import KEY_PREFIX
from server.auth.identity import requested_locale, unauthorized
from server.auth.key_scopes import KeyScope
from server.context import RequestContext
from server.errors import RequestRefused
from store.threads.api_keys import ApiKey, find_api_key
from store.threads.errors import ThreadsUnavailableError
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore

_KEY = re.compile(r"fnk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


class ApiKeys:
    """Looks each key up when it is used, so that a revoked one is good no more at once."""

    def __init__(self, threads: ThreadStore) -> None:
        self._threads = threads

    async def identify(self, request: Request, token: str | None) -> RequestContext | None:
        """Tell whose key it is; raises `RequestRefused`: 401, or 403 for what it doesn't allow."""
        if token is None or not token.startswith(KEY_PREFIX):
            return None
        parts = _KEY.fullmatch(token)
        if parts is None:
            raise unauthorized("malformed_key", "This is no key of this server.")
        try:
            key = await find_api_key(self._threads, parts[1])
        except ThreadsUnavailableError as error:
            raise RequestRefused(
                503, "keys_unavailable", "Keys can't be checked just now. Please try again."
            ) from error
        if key is None or not hmac.compare_digest(key.digest, _digest(parts[2])):
            raise unauthorized("unknown_key", "This server has no such key.")
        if key.revoked_at is not None:
            raise unauthorized("key_revoked", "This key has been revoked.")
        if key.expired:
            raise unauthorized("key_expired", "This key has expired.")
        needed = KeyScope.METRICS if request.url.path.endswith("/metrics") else KeyScope.ASK
        if needed not in key.scopes:
            raise RequestRefused(403, "missing_scope", f"This key does not allow to {needed}.")
        return RequestContext(
            user_id=f"key:{key.id}",
            tenant=key.tenant,
            roles=key.roles,
            locale=requested_locale(request),
        )


def make_key(
    name: str,
    *,
    scopes: Iterable[KeyScope],
    tenant: str = "",
    roles: Iterable[str] = (),
    lifetime: timedelta | None = None,
) -> tuple[ApiKey, str]:
    """Make a key: what is kept of it, and the key itself, which can't be shown again."""
    now: datetime = utc_now()
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    kept = ApiKey(
        id=key_id,
        digest=_digest(secret),
        name=name,
        tenant=tenant,
        roles=frozenset(roles),
        scopes=frozenset(scopes),
        created_at=now,
        expires_at=now + lifetime if lifetime else None,
    )
    return kept, f"{KEY_PREFIX}{key_id}_{secret}"


def _digest(secret: str) -> str:
    # A random secret of 256 bits needs neither salt nor a slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
