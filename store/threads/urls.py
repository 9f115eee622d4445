"""Read a database URL as operators have it: which engine, and what may be shown of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from store.errors import DatabaseError

Backend = Literal["sqlite", "postgresql", "mysql"]

# With the drivers that the URL of another program may name: this one has its own.
_BACKENDS: dict[str, Backend] = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "postgresql+asyncpg": "postgresql",
    "postgresql+psycopg": "postgresql",
    "postgresql+psycopg2": "postgresql",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mysql+aiomysql": "mysql",
    "mysql+asyncmy": "mysql",
    "mysql+mysqldb": "mysql",
    "mysql+pymysql": "mysql",
    "mariadb": "mysql",
    "mariadb+aiomysql": "mysql",
    "mariadb+asyncmy": "mysql",
    "mariadb+mariadbconnector": "mysql",
    "mariadb+pymysql": "mysql",
}

# Parameters of libpq that asyncpg would pass on to the server, which refuses them. Hosting
# services put some of them into the URLs that they hand out.
_LIBPQ_ONLY = frozenset(
    {
        "channel_binding",
        "connect_timeout",
        "fallback_application_name",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "require_auth",
        "sslcompression",
        "sslsni",
        "tcp_user_timeout",
    }
)

_SEPARATORS = frozenset("/?#")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A database to open: `location` is a file's path, or a URL that the driver is made from.

    `shown` is the URL without user, password and parameters, fit for a log.
    """

    backend: Backend
    location: str
    shown: str


def parse_database_url(url: str) -> DatabaseUrl:
    """Parse `sqlite:///file`, `postgresql://…`, `postgres://…`, `mysql://…` or `mariadb://…`.

    Raises `store.errors.DatabaseError`.
    """
    scheme, separator, rest = url.strip().partition("://")
    backend = _BACKENDS.get(scheme.lower())
    if not separator or backend is None:
        # What is no URL may hold a password anywhere, so nothing of it is repeated.
        raise DatabaseError(
            "in DATABASE_URL",
            "it must begin with sqlite:///, postgresql:// (or postgres://), mysql:// or mariadb://.",
        )
    match backend:
        case "sqlite":
            return _sqlite(rest)
        case "postgresql":
            return _postgresql(rest)
        case "mysql":
            # The two speak one protocol; which it is, the server says.
            return DatabaseUrl("mysql", f"mysql://{rest}", _shown(backend, rest))


def _sqlite(rest: str) -> DatabaseUrl:
    path, _, parameters = rest.removeprefix("/").partition("?")
    shown = f"sqlite:///{path}"
    if not rest.startswith("/"):
        raise DatabaseError(
            "in DATABASE_URL", "SQLite wants three slashes: sqlite:///file, four if it is absolute."
        )
    if parameters:
        raise DatabaseError(shown, "parameters of SQLite can't be set.")
    if path in {"", ":memory:"}:
        raise DatabaseError(shown, "threads are kept in a file; name one: sqlite:///threads.db")
    return DatabaseUrl("sqlite", str(Path(path)), shown)


def _shown(backend: Backend, rest: str) -> str:
    credentials, _, place = rest.rpartition("@")
    shown = f"{backend}://{place.partition('?')[0]}"
    if not _SEPARATORS.isdisjoint(credentials):
        # A driver would take a part of the password for a port and say so.
        raise DatabaseError(
            shown, "write / ? # @ in a name, password or parameter as %2F %3F %23 %40."
        )
    return shown


def _postgresql(rest: str) -> DatabaseUrl:
    shown = _shown("postgresql", rest)
    address, _, query = rest.partition("?")
    parameters = [
        ("sslmode" if name == "ssl" else name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name not in _LIBPQ_ONLY
    ]
    # asyncpg reads the rest itself: sslmode and certificates, several hosts, sockets, pgpass.
    dsn = f"postgresql://{address}" + (f"?{urlencode(parameters)}" if parameters else "")
    return DatabaseUrl("postgresql", dsn, shown)
