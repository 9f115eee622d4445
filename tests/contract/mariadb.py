"""A real MariaDB for tests: one server a test run, one database a test."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

# Debian keeps servers where only root looks for commands.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_TOOLS = ("mariadbd", "mariadb-install-db", "mariadb")
# Nothing here outlives a crash, so no write needs to reach the disk.
_OPTIONS = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-file-per-table=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=8M",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--bind-address=127.0.0.1",
)
USER = "ann"
PASSWORD = "p@ss wörd/%"
_IN_URL = "p%40ss%20w%C3%B6rd%2F%25"


@dataclass(frozen=True)
class MariaDbServer:
    """A server in a folder of its own; it takes connections by `socket` and by `port`."""

    folder: Path
    port: int

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    def sql(self, statements: str) -> str:
        """Run statements as the server's administrator."""
        return subprocess.run(
            [_tool("mariadb"), "--no-defaults", "-N", "-u", "root", "-S", self.socket],
            input=statements,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@cache
def mariadb_server() -> MariaDbServer:
    """Start the server, which is stopped and deleted when the process ends.

    Skips the test where MariaDB is not installed, except in CI.
    """
    if any(_find(tool) is None for tool in _TOOLS):
        if os.environ.get("CI"):
            pytest.fail("CI must have MariaDB; .ci/run installs it.")
        pytest.skip("MariaDB is not installed (Debian: mariadb-server-core, mariadb-client-core)")
    server = MariaDbServer(Path(tempfile.mkdtemp(prefix="footnote-mariadb-")), _free_port())
    atexit.register(shutil.rmtree, server.folder, ignore_errors=True)
    data = server.folder / "data"
    user = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [
            *(_tool("mariadb-install-db"), "--no-defaults", f"--datadir={data}", *user),
            *("--auth-root-authentication-method=normal", "--skip-test-db"),
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": _PATH},
    )
    log = server.folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(_tool("mariadbd"), "--no-defaults", f"--datadir={data}", *user, *_OPTIONS),
                *(f"--socket={server.socket}", f"--port={server.port}"),
                f"--tmpdir={server.folder}",
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    atexit.register(_stop, process)
    deadline = time.monotonic() + 30
    while "ready for connections" not in log.read_text(errors="replace"):
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.02)
    server.sql(f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';")
    return server


def fresh_mariadb() -> str:
    """Return the URL of an empty database, by TCP."""
    server = mariadb_server()
    name = f"test_{uuid4().hex}"
    server.sql(f"CREATE DATABASE {name}; GRANT ALL ON {name}.* TO '{USER}'@'%';")
    return f"mariadb://{USER}:{_IN_URL}@127.0.0.1:{server.port}/{name}"


def _find(tool: str) -> str | None:
    return shutil.which(tool, path=_PATH)


def _tool(name: str) -> str:
    found = _find(name)
    assert found
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
