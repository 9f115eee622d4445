"""`python -m server`: starts, tells its address, stops; each mistake is one line."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from store.console import EXIT_MISTAKE


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


def test_a_port_in_use_is_one_line(index_dir: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        complaint = mistake("--port", port, "--index", str(index_dir), cwd=tmp_path)
    assert f"Port {port}" in complaint
    assert "make serve PORT=" in complaint


def test_a_missing_index_is_one_line(tmp_path: Path) -> None:
    complaint = mistake("--port", "0", "--index", str(tmp_path / "none"), cwd=tmp_path)
    assert "make ingest" in complaint


def test_a_setting_out_of_range_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HISTORY_ITEMS=many\n")
    assert "HISTORY_ITEMS" in mistake(cwd=tmp_path)
