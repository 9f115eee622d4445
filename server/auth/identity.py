"""What a credential says, and the refusal of one that says nothing."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from server.context import RequestContext
from server.errors import RequestRefused

if TYPE_CHECKING:
    from fastapi import Request

_LONGEST_USER_ID = 255


def _listed(value: object) -> object:
    """Take roles that stand in a line, as those of OAuth's `scope` do."""
    match value:
        case None:
            return ()
        case str():
            return value.split()
        case _:
            return value


class Identity(BaseModel):
    """A signed-in user, as a token, a site or a function of the owner names them."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    user: str = Field(min_length=1, max_length=1_000)
    tenant: str = Field(default="", max_length=200)
    roles: Annotated[frozenset[str], BeforeValidator(_listed)] = Field(
        default=frozenset(), strict=False
    )
    locale: str = Field(default="", max_length=35)

    def context(self, request: "Request") -> RequestContext:
        """Make the context of a request that this user sends."""
        return RequestContext(
            user_id=signed_in_id(self.user, tenant=self.tenant),
            tenant=self.tenant,
            roles=self.roles,
            locale=self.locale or requested_locale(request),
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader, and the key that a response must set as a cookie, if it is a new one.

    `mode` is the one of AUTH that took a credential of theirs; "" when they have shown none that
    somebody has issued.
    """

    context: RequestContext
    new_key: str | None = None
    mode: str = ""


def signed_in_id(user: str, *, tenant: str = "") -> str:
    """Return the id that owns a signed-in user's threads; the same user has the same id."""
    # Quoted, so that no user of one tenant can be named like another tenant's.
    readable = f"user:{quote(tenant, safe='')}:{quote(user, safe='@')}"
    if len(readable) <= _LONGEST_USER_ID:
        return readable
    return f"user-hash:{hashlib.sha256(readable.encode()).hexdigest()}"


def requested_locale(request: "Request") -> str:
    """Return the first language that the browser asks for, or nothing."""
    first = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
    return first if first.replace("-", "").isalnum() and len(first) <= 35 else ""


def unauthorized(code: str, message: str) -> RequestRefused:
    """Make the refusal of a credential: 401 with the reason."""
    return RequestRefused(
        401,
        code,
        message,
        headers={"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{code}"'},
    )
