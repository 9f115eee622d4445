"""The public keys that an identity provider publishes (RFC 7517)."""

import logging
import time
from collections.abc import Sequence

import anyio
import httpx
import jwt

from server.auth.identity import unauthorized
from server.errors import RequestRefused

logger = logging.getLogger(__name__)

PUBLIC_KEY_ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})

_FRESH_SECONDS = 600.0
# Someone who sends made-up key ids must not make this server ask its provider each time.
_PAUSE_SECONDS = 30.0
# A provider that is down does not lock its users out at once.
_STALE_SECONDS = 24 * 3600.0
_MOST_BYTES = 512_000


class PublicKeys:
    """Keys by their id: fetched when needed, kept, and fetched anew for an id not yet seen."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client
        self._keys: Sequence[jwt.PyJWK] = ()
        self._fetched = -_STALE_SECONDS
        self._tried = -_PAUSE_SECONDS
        self._fetching = anyio.Lock()

    async def find(self, key_id: object, *, algorithm: str) -> jwt.PyJWK:
        """Return the key for a token's header.

        Raises `RequestRefused`: 401 when the provider has no such key, 503 when it can't be asked.
        """
        if self._age() > _FRESH_SECONDS:
            await self._refresh()
        key = self._known(key_id, algorithm)
        if key is None:
            await self._refresh()
            key = self._known(key_id, algorithm)
        if key is not None:
            return key
        if self._age() > _STALE_SECONDS:
            raise RequestRefused(
                503, "keys_unavailable", "Sign-in can't be checked just now. Please try again."
            )
        raise unauthorized("unknown_key", "The key that signed this token is not known.")

    def _age(self) -> float:
        return time.monotonic() - self._fetched

    def _known(self, key_id: object, algorithm: str) -> jwt.PyJWK | None:
        if self._age() > _STALE_SECONDS:
            return None
        fitting = [key for key in self._keys if key.algorithm_name == algorithm]
        if key_id is None:
            # With several, guessing would hide a mistake of the provider's.
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.key_id == key_id), None)

    async def _refresh(self) -> None:
        seen = self._tried
        async with self._fetching:
            now = time.monotonic()
            # Whoever waited for another's attempt takes its outcome.
            if self._tried != seen or now - self._tried < _PAUSE_SECONDS:
                return
            self._tried = now
            try:
                self._keys = await self._fetch()
            except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
                logger.warning("The keys at %s can't be read: %s", self._url, error)
            else:
                self._fetched = now

    async def _fetch(self) -> Sequence[jwt.PyJWK]:
        response = await self._client.get(self._url, headers={"Accept": "application/json"})
        response.raise_for_status()
        if len(response.content) > _MOST_BYTES:
            raise ValueError("too many bytes")
        match response.json():
            case {"keys": list(entries)}:
                keys = jwt.PyJWKSet.from_dict({"keys": entries}).keys
            case _:
                raise ValueError("no list of keys")
        return [
            key
            for key in keys
            if key.algorithm_name in PUBLIC_KEY_ALGORITHMS and key.public_key_use in {None, "sig"}
        ]
