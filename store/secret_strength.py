"""Secrets that protect nothing: those of examples, and those that can be guessed."""

import re

_PLACEHOLDER = re.compile(
    r"change[-_ ]?(?:me|this|it)|your[-_ ]|example|placeholder|password|passwort|secret|default"
    r"|12345678|qwerty",
    re.IGNORECASE,
)
_GUESSED = frozenset({"postgres", "footnote", "mariadb", "mysql", "redis", "qdrant", "admin123"})
_SHORTEST_PASSWORD = 8


def is_placeholder(secret: str) -> bool:
    """Tell whether a secret was copied from an example."""
    return _PLACEHOLDER.search(secret) is not None


def is_weak_password(password: str) -> bool:
    """Tell whether a password of a database or service is one that attackers try first."""
    return (
        len(password) < _SHORTEST_PASSWORD
        or is_placeholder(password)
        or password.lower() in _GUESSED
    )
