"""MySQL and MariaDB: what their URLs say, as arguments of the driver."""

import json
import ssl
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_DEFAULT_PORT = 3306
_SOCKET = ("unixsocket", "socket")
_ENCRYPTED = "required"
_VERIFIED = "verify_identity"

# How strictly a server must show who it is, by the names that clients have for it. MySQL's own
# clients encrypt when they can by default; this driver either does or doesn't.
_MODES: dict[str, str | None] = {
    "disabled": None,
    "disable": None,
    "false": None,
    "0": None,
    "preferred": None,
    "prefer": None,
    "required": _ENCRYPTED,
    "require": _ENCRYPTED,
    "accept_invalid_certs": _ENCRYPTED,
    "verify_ca": "verify_ca",
    "verify_identity": _VERIFIED,
    "verify_full": _VERIFIED,
    "strict": _VERIFIED,
    "true": _VERIFIED,
    "1": _VERIFIED,
}


def connect_arguments(url: str, *, timeout: float) -> dict[str, Any]:
    """Return the driver's arguments for `mysql://user:password@host:port/database?…`.

    Parameters of other drivers that don't concern the way to the server are left out. Raises
    `ValueError` for a mistake, without a word of the credentials, and `OSError` for a certificate
    that can't be read.
    """
    parts = urlsplit(url)
    parameters = {
        name.lower().replace("-", "").replace("_", ""): value
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    }
    database = unquote(parts.path.removeprefix("/"))
    if not database:
        raise ValueError("name the database: mysql://user:password@host/database")
    socket = next((parameters[name] for name in _SOCKET if parameters.get(name)), None)
    return {
        "host": unquote(parts.hostname or "localhost"),
        "port": _port(url),
        "user": unquote(parts.username or ""),
        # The driver would encode text as Latin-1, the server reads UTF-8.
        "password": unquote(parts.password or "").encode(),
        "db": database,
        "unix_socket": socket,
        "ssl": None if socket else _tls(parameters),
        "charset": "utf8mb4",
        "connect_timeout": timeout,
    }


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or _DEFAULT_PORT
    except ValueError:
        # The original would repeat what may be a part of the password.
        raise ValueError("the port must be a number up to 65535") from None


def _tls(parameters: dict[str, str]) -> ssl.SSLContext | None:
    authority = parameters.pop("sslca", None)
    modes = [_mode(name, value) for name, value in parameters.items() if name.startswith("ssl")]
    # A certificate authority is named in order to be checked against.
    mode = next(filter(None, modes), "verify_ca" if authority and not modes else None)
    if mode is None:
        return None
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = mode == _VERIFIED
    if mode == _ENCRYPTED:
        context.verify_mode = ssl.CERT_NONE
    return context


def _mode(name: str, value: str) -> str | None:
    if name not in {"ssl", "sslmode", "sslaccept"}:
        # Ignored, it might leave a connection open that someone meant to protect.
        raise ValueError(f"the parameter {name} is not known; use ssl-mode and ssl-ca")
    if value.startswith("{"):
        return _VERIFIED if _rejects_unauthorized(value) else _ENCRYPTED
    mode = value.lower().replace("-", "_")
    if mode not in _MODES:
        raise ValueError(
            f"{name} can be disabled, required, verify_ca or verify_identity, not {value}"
        )
    return _MODES[mode]


def _rejects_unauthorized(value: str) -> bool:
    """Read the JSON that hosting services put into `ssl`."""
    try:
        options = json.loads(value)
    except ValueError:
        raise ValueError("the parameter ssl can't be read") from None
    return bool(options.get("rejectUnauthorized", True))
