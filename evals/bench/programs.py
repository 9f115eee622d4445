"""Programs that the bench starts, and what the system says of them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final

import httpx
import psutil

_ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 180
_STOP_SECONDS: Final = 30


class Program:
    """A server that runs; `ready_after` is how many seconds it took to answer `/ready`."""

    def __init__(self, process: subprocess.Popen[str], url: str, ready_after: float) -> None:
        self.url = url
        self.ready_after = ready_after
        self._process = psutil.Process(process.pid)

    @property
    def cpu_seconds(self) -> float:
        """What it has used of all cores so far."""
        times = self._process.cpu_times()
        return times.user + times.system

    @property
    def megabytes(self) -> float:
        """What of it is in memory."""
        return self._process.memory_info().rss / 1e6


class DidNotStartError(Exception):
    """A program ended, or was silent, before it was ready."""

    def __init__(self, command: Sequence[str]) -> None:
        super().__init__(f"This did not start: {' '.join(command)}")
        self.command = tuple(command)


@contextmanager
def serving(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Run `python -m` with a port of its own until the block ends; wait until it is ready."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    began = time.perf_counter()
    with running(
        [*arguments, "--port", str(port)], folder=folder, environment=environment
    ) as process:
        while not _is_ready(url):
            if process.poll() is not None or time.perf_counter() - began > _START_SECONDS:
                raise DidNotStartError(arguments)
            time.sleep(0.005)
        yield Program(process, url, time.perf_counter() - began)


@contextmanager
def running(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m` in `folder`, where no `.env` is, until the block ends."""
    process = subprocess.Popen(  # noqa: S603  the bench's own modules
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**_inherited(), **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the first line that a program writes; raises `DidNotStartError` when it ends."""
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line:
        raise DidNotStartError([str(process.args)])
    return line


def output_of(code: str, *, folder: Path) -> str:
    """Run Python code in a process of its own and return what it writes."""
    return _run(["-c", code], folder)


def output_of_module(*arguments: str, folder: Path) -> str:
    """Run `python -m` to its end and return what it writes."""
    return _run(["-m", *arguments], folder)


def cpu_seconds_of_module(
    *arguments: str, folder: Path, environment: Mapping[str, str] | None = None
) -> float:
    """Run `python -m` to its end; return the processor's time of it all, its start's included."""
    before = getrusage(RUSAGE_CHILDREN)
    _run(["-m", *arguments], folder, environment)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    return subprocess.run(  # noqa: S603  the bench's own code
        [sys.executable, *arguments],
        cwd=folder,
        env={**_inherited(), **(environment or {})},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def _inherited() -> dict[str, str]:
    """Return the environment without anyone's settings, in which this project is found."""
    names = ("PATH", "HOME", "TMPDIR")
    inherited = {name: os.environ[name] for name in names if name in os.environ}
    return inherited | {"PYTHONPATH": str(_ROOT)}


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=1).is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
