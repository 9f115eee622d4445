"""JSON web tokens that the owner's site, or its identity provider, has signed."""

from collections.abc import Mapping
from typing import Any

import jwt
from fastapi import Request
from pydantic import SecretStr, ValidationError

from server.auth.bearer import TOKEN_TYPE, looks_like_jwt
from server.auth.identity import Identity, unauthorized
from server.auth.jwks import PUBLIC_KEY_ALGORITHMS, PublicKeys
from server.auth.settings import AuthSettings
from server.auth.tokens import token_header, token_refusal
from server.context import RequestContext


class WebTokens:
    """Accepts tokens signed with one secret, or with the keys that a provider publishes.

    What a token is verified with is settled here and never by the token: a shared secret verifies
    HS256 alone, and a public key nothing but its own algorithm.
    """

    def __init__(self, settings: AuthSettings, keys: PublicKeys | None) -> None:
        self._secret: SecretStr | None = settings.jwt_secret
        self._keys = keys
        self._issuer = settings.jwt_issuer or None
        self._audience = settings.jwt_audience or None
        self._leeway = settings.jwt_leeway_seconds
        self._tenant_claim = settings.jwt_tenant_claim
        self._roles_claim = settings.jwt_roles_claim

    async def identify(self, request: Request, token: str | None) -> RequestContext | None:
        """Tell whose token it is; None when it is no web token of another's."""
        if token is None or not looks_like_jwt(token):
            return None
        header = token_header(token)
        if header.get("typ") == TOKEN_TYPE:
            return None
        claims = await self._verified(token, header)
        try:
            identity = Identity(
                user=claims["sub"],
                tenant=claims.get(self._tenant_claim) or "",
                roles=claims.get(self._roles_claim),
                locale=claims.get("locale") or "",
            )
        except ValidationError as error:
            raise unauthorized(
                "invalid_claim", "A claim of this token is not what it should be."
            ) from error
        return identity.context(request)

    async def _verified(self, token: str, header: Mapping[str, object]) -> dict[str, Any]:
        algorithm = header.get("alg")
        if algorithm == "HS256" and self._secret is not None:
            key: str | jwt.PyJWK = self._secret.get_secret_value()
        elif algorithm in PUBLIC_KEY_ALGORITHMS and self._keys is not None:
            key = await self._keys.find(header.get("kid"), algorithm=str(algorithm))
        else:
            raise unauthorized("algorithm_not_allowed", "This token is signed another way.")
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[str(algorithm)],
                issuer=self._issuer,
                audience=self._audience,
                leeway=self._leeway,
                options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
            )
        except jwt.PyJWTError as error:
            raise token_refusal(error) from error
