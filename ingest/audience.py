"""Who may read a page, as its metadata say: `audience` or `roles`, and `tenant`."""

import re
from collections.abc import Mapping

from store.records import EVERYONE, NOBODY, Audience

_ROLES = ("audience", "roles")
_TENANTS = ("tenant", "tenants")
_NAMED = re.compile(rf"\b(?:{'|'.join((*_ROLES, *_TENANTS))})[\"']?\s*[:=]")


def audience_of(fields: Mapping[str, object]) -> Audience:
    """Return the audience that a page's fields name: a name, several with commas, or a list.

    What is there and can't be understood is for nobody: it was meant to keep someone out.
    """
    try:
        return Audience(_names(fields, _ROLES), _names(fields, _TENANTS))
    except ValueError:
        return NOBODY


def audience_of_unreadable(block: str) -> Audience:
    """Return the audience of a page whose metadata can't be read."""
    return NOBODY if _NAMED.search(block) else EVERYONE


def _names(fields: Mapping[str, object], keys: tuple[str, ...]) -> tuple[str, ...]:
    named: dict[str, None] = {}
    for key in keys:
        match fields.get(key):
            case None:
                pass
            case str(line):
                named |= dict.fromkeys(name.strip() for name in line.split(",") if name.strip())
            case list(names) if all(isinstance(name, str | int) for name in names):
                named |= dict.fromkeys(str(name).strip() for name in names)
            case other:
                raise ValueError(f"{key}: {other!r} names nobody")
    return tuple(named)
