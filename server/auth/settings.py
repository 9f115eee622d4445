"""Settings that say who may ask."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from store.errors import SettingsError
from store.secret_strength import is_placeholder
from store.settings import StoreSettings
from store.web_addresses import WebAddress

SHORTEST_SECRET = 32
"""Bytes; HMAC with SHA-256 wants a key as long as its hash (RFC 7518, 3.2)."""

MODES = ("anonymous", "jwt", "cookie", "api_key")


class AuthSettings(StoreSettings):
    """Which credentials are accepted, and what they are checked with."""

    auth: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("anonymous",),
        description="Who may ask, separated by commas: `anonymous`, `jwt`, `cookie`, `api_key`, "
        "or a function of yours as `package.module:function`.",
    )
    session_secret: SecretStr | None = Field(
        default=None,
        description="Signs the tokens of anonymous readers; several replicas need the same. After "
        "a comma: older ones that are still accepted. Empty: readers' own random keys do.",
    )
    session_seconds: int = Field(
        default=900, ge=60, le=86_400, description="Life of an anonymous reader's token."
    )
    jwt_secret: SecretStr | None = Field(
        default=None, description="Secret of tokens that your site signs with HS256."
    )
    jwt_jwks_url: WebAddress = Field(
        default="",
        description="Where the public keys are of tokens signed with RS256, ES256 or EdDSA.",
    )
    jwt_issuer: str = Field(default="", description="The `iss` that tokens must have.")
    jwt_audience: str = Field(default="", description="The `aud` that tokens must have.")
    jwt_leeway_seconds: int = Field(
        default=30, ge=0, le=600, description="How far the clocks of two machines may differ."
    )
    jwt_tenant_claim: str = Field(
        default="tenant", description="Claim that names the customer that a user belongs to."
    )
    jwt_roles_claim: str = Field(
        default="roles", description="Claim that lists a user's roles, or has them in a line."
    )
    auth_callback_url: WebAddress = Field(
        default="",
        description="For `cookie`: an address of your site that tells whose cookie it is given.",
    )

    @field_validator("auth", mode="before")
    @classmethod
    def _split_modes(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("auth")
    @classmethod
    def _known_modes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for mode in value:
            if mode not in MODES and ":" not in mode:
                raise ValueError(f"{mode!r} is none of {', '.join(MODES)} or module:function")
        if not value:
            raise ValueError("nobody could ask")
        return value

    @field_validator("session_secret", "jwt_secret")
    @classmethod
    def _strong(cls, value: SecretStr | None) -> SecretStr | None:
        for secret in value.get_secret_value().split(",") if value else ():
            if len(secret.strip().encode()) < SHORTEST_SECRET or len(set(secret)) < 8:
                raise ValueError(
                    f"needs {SHORTEST_SECRET} random bytes or more, such as those of "
                    "`openssl rand -hex 32`"
                )
            if is_placeholder(secret):
                raise ValueError("is an example; make one by `openssl rand -hex 32`")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if "jwt" in self.auth and not (self.jwt_secret or self.jwt_jwks_url):
            raise SettingsError("AUTH", "jwt needs JWT_SECRET or JWT_JWKS_URL")
        # Without these, a token that the same provider made for another site would do.
        if self.jwt_jwks_url and not (self.jwt_issuer and self.jwt_audience):
            raise SettingsError("JWT_JWKS_URL", "needs JWT_ISSUER and JWT_AUDIENCE")
        if "cookie" in self.auth and not self.auth_callback_url:
            raise SettingsError("AUTH", "cookie needs AUTH_CALLBACK_URL")
        return self

    @property
    def accepts_cookies(self) -> bool:
        """Tell whether another site's page may have to send cookies along."""
        return any(mode == "cookie" or ":" in mode for mode in self.auth)
