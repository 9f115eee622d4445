"""`python -m server`: starts, tells its address, stops; each mistake is one line."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from server import serving
from server.settings import ServerSettings
from store.console import EXIT_MISTAKE
from store.errors import OperatorError


def start(*options: str, cwd: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "server", *options],
        cwd=cwd,
        env={"PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def mistake(*options: str, cwd: Path) -> str:
    """Run the server on a caller's mistake and return its one line."""
    process = start(*options, cwd=cwd)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == EXIT_MISTAKE
    assert complaint.count("\n") == 1, complaint
    return complaint


def test_it_tells_its_address_and_stops_cleanly(index_dir: Path, tmp_path: Path) -> None:
    process = start("--port", "0", "--index", str(index_dir), cwd=tmp_path)
    assert process.stdout is not None
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert address is not None
        with urllib.request.urlopen(f"{address[0]}ready") as response:
            assert response.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in logged


@pytest.fixture
def _same_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what the server sets for its whole process as it is for the tests."""
    monkeypatch.setattr(serving, "_use_utc", lambda: None)
    monkeypatch.setattr(serving, "log_to_stderr", lambda *_: None)


@pytest.mark.usefixtures("_same_process")
async def test_a_port_in_use_is_one_line(settings: ServerSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OperatorError, match=rf"^Port {port} .*make serve PORT={port + 1}$"):
            await serving.serve(settings.model_copy(update={"port": port}))


@pytest.mark.usefixtures("_same_process")
async def test_a_missing_index_is_one_line(settings: ServerSettings, tmp_path: Path) -> None:
    missing = settings.model_copy(update={"index_dir": tmp_path / "none", "port": 0})
    with pytest.raises(OperatorError, match=r"^.*make ingest.*$"):
        await serving.serve(missing)


def test_a_setting_out_of_range_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HISTORY_ITEMS=many\n")
    assert "HISTORY_ITEMS" in mistake(cwd=tmp_path)
