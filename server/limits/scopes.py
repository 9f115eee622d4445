"""Whom a limit counts for: each user, each address, each tenant, or all of them together."""

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from server.context import RequestContext

if TYPE_CHECKING:
    from fastapi import Request

Scope = Literal["user", "address", "tenant", "all"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

# One household or server has a whole network of this size to take addresses from.
_IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever sends a request, as the limits count them."""

    user: str
    address: str
    tenant: str

    @classmethod
    def of(cls, request: "Request", context: RequestContext) -> "Asker":
        """Tell who sends a request."""
        host = request.client.host if request.client else ""
        return cls(user=context.user_id, address=counted_address(host), tenant=context.tenant)

    @property
    def is_local(self) -> bool:
        """Tell whether the request comes from this machine itself, which is not limited."""
        return self.address == "loopback"

    def key(self, scope: Scope) -> str:
        """Return the name under which a scope counts this request; empty: it doesn't."""
        match scope:
            case "user":
                return self.user
            case "address":
                return self.address
            case "tenant":
                return self.tenant
            case "all":
                return "all"


def counted_address(host: str) -> str:
    """Return the address, or the network of addresses, that requests are counted for."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # A socket of the machine has no address; what else it is counts as one.
        return host or "loopback"
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    if address.is_loopback:
        return "loopback"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def parse_amounts(text: str) -> dict[Scope, float]:
    """Read `user:30,address:60`; raises `ValueError` that names what can't be read."""
    amounts: dict[Scope, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        scope, _, amount = part.partition(":")
        if scope not in SCOPES:
            raise ValueError(f"{part!r} begins with none of {', '.join(SCOPES)}")
        try:
            amounts[scope] = number = float(amount)
        except ValueError as error:
            raise ValueError(f"{part!r} has no number after the colon") from error
        if not 0 < number < float("inf"):
            raise ValueError(f"{part!r} must be more than 0")
    return amounts
