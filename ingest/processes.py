"""Parse many files by all cores, in their order."""

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final, Generic, Literal, NamedTuple, Self, TypeVar

from ingest.sources import SourceError, SourceFile
from store.errors import OperatorError

# Pages from which on it pays to fork: a fork takes some 10 ms, and so does a page.
_FORKING_PAGES: Final = 24
# What starting other processes from nothing costs until they have caught up.
_STARTING_SECONDS: Final = 2.0
# The pages by which the time for the others is told.
_TRIAL_PAGES: Final = 16

# Files that a process is handed at once: what an interruption waits for.
_TASK_FILES: Final = 8
# Tasks for each process that are under way or done and not yet taken: what bounds memory.
_TASKS_AHEAD: Final = 3
# One process writes what they read, and can't keep up with more.
_MOST_PROCESSES: Final = 8

# Objects of a process from which on it looks for garbage: a page makes many, and hardly a cycle.
_GARBAGE_OBJECTS: Final = 50_000

_THREADS: Final = Path("/proc/self/task")

Parsed = TypeVar("Parsed")
Parse = Callable[[SourceFile], Parsed]
"""Makes something of a file, in any process. Raises `SourceError`."""


class ParsingError(OperatorError):
    """A process that parses pages has died."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"A process that parses pages has died, at {path} or soon behind it; perhaps memory "
            "was short. The index is unchanged."
        )
        self.path = path


class _Unreadable(NamedTuple):
    """A `SourceError` on its way between processes."""

    path: Path
    problem: str


def process_count() -> int:
    """Return how many processes parse large docs."""
    return min(os.cpu_count() or 1, _MOST_PROCESSES)


class Workers(Generic[Parsed]):
    """Processes that parse files, all in the same way; they end with the block around them."""

    def __init__(self, parse: Parse[Parsed], count: int, method: Literal["fork", "spawn"]) -> None:
        self._count = count
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context(method),
            initializer=_begin,
            initargs=(parse,),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self) -> None:
        """Start forked processes now: the first task starts all."""
        # What they share stays shared as long as nobody looks for garbage in it.
        gc.freeze()
        with _uninterrupted():
            self._pool.submit(_parse, ())

    async def parse(self, files: Sequence[SourceFile]) -> AsyncGenerator[Parsed]:
        """Yield what each file becomes, the last that is done here.

        Raises `SourceError` and `ParsingError`.
        """
        long_one = _longest(files, self._count)
        tasks = _tasks(files, alone=long_one)
        waiting: deque[tuple[str, Future[list[Parsed] | _Unreadable]]] = deque()

        def hand_over(count: int) -> None:
            for task in islice(tasks, count):
                done = begun if task is long_one else self._pool.submit(_parse, task)
                waiting.append((task[0].path, done))

        with _uninterrupted():
            # Begun last, it would keep one process busy when all others are done.
            begun = self._pool.submit(_parse, long_one)
            hand_over(self._count * _TASKS_AHEAD)
        while waiting:
            first, future = waiting.popleft()
            try:
                result = await asyncio.wrap_future(future)
                hand_over(1)
            except BrokenProcessPool as error:
                raise ParsingError(first) from error
            if isinstance(result, _Unreadable):
                raise SourceError(*result)
            for parsed in result:
                yield parsed
        self._pool.shutdown()


def _longest(files: Sequence[SourceFile], processes: int) -> Sequence[SourceFile]:
    """Return the largest file alone, if it takes one of the processes most of its time; or none."""
    sizes = [_size(file) for file in files]
    most = max(sizes, default=0)
    if most * processes * 2 <= sum(sizes):
        return ()
    return [files[sizes.index(most)]]


def _size(file: SourceFile) -> int:
    try:
        return file.location.stat().st_size
    except OSError:
        return 0  # Whoever reads it tells.


def _tasks(
    files: Sequence[SourceFile], *, alone: Sequence[SourceFile]
) -> Iterator[Sequence[SourceFile]]:
    """Cut files into what a process is handed at once, in their order."""
    task: list[SourceFile] = []
    for file in files:
        apart = file in alone
        if task and (apart or len(task) == _TASK_FILES):
            yield task
            task = []
        if apart:
            yield alone
        else:
            task.append(file)
    if task:
        yield task


@contextmanager
def forked_workers(
    parse: Parse[Parsed], files: Sequence[SourceFile], *, processes: int | None = None
) -> Iterator[Workers[Parsed] | None]:
    """Fork processes for as many files; None where it doesn't pay, or this process has threads.

    They can be had before there is anything that starts a thread: a writer, a model, a client.
    Raises `SourceError`.
    """
    count = process_count() if processes is None else processes
    if count > 1 and len(files) >= _FORKING_PAGES and _is_alone():
        parse(files[0])  # What it takes to parse is loaded here, once for all of them.
        if _is_alone():
            with Workers(parse, count, "fork") as workers:
                workers.start()
                yield workers
                return
    yield None


def _is_alone() -> bool:
    """Tell whether this process has one thread, those of libraries counted.

    A forked process would inherit locks that others hold, and never see them released.
    """
    return sys.platform == "linux" and len(list(_THREADS.iterdir())) == 1


async def parse_files(
    parse: Parse[Parsed],
    files: Sequence[SourceFile],
    *,
    workers: Workers[Parsed] | None = None,
    processes: int | None = None,
) -> AsyncGenerator[Parsed]:
    """Yield what each file becomes, in their order.

    Without `workers` other processes are started only if the first files tell that it pays. Raises
    `SourceError` for a file that can't be read any more, and `ParsingError`.
    """
    if workers is not None:
        async with aclosing(workers.parse(files)) as parsed_files:
            async for parsed in parsed_files:
                yield parsed
        return
    processes = process_count() if processes is None else processes
    spent, done = 0.0, 0
    for file in files:
        if done >= _TRIAL_PAGES and processes > 1:
            rest = spent / done * (len(files) - done)
            if rest - rest / processes > _STARTING_SECONDS:
                break
        began = time.monotonic()
        parsed = parse(file)
        spent += time.monotonic() - began
        done += 1
        yield parsed
    if done < len(files):
        with Workers(parse, processes, "spawn") as spawned:
            async with aclosing(spawned.parse(files[done:])) as parsed_files:
                async for parsed in parsed_files:
                    yield parsed


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that Ctrl-C doesn't reach: they inherit what is blocked here.

    This process gets the signal all the same, when the block ends, and ends the others.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """What a process for parsing holds, between its tasks."""

    parse: Parse[object]


_worker = _Worker()


def _begin(parse: Parse[object]) -> None:
    _worker.parse = parse
    gc.set_threshold(_GARBAGE_OBJECTS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A killed parent closes nothing, and its processes would wait for tasks for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _parse(files: Sequence[SourceFile]) -> list[Any] | _Unreadable:
    try:
        return list(map(_worker.parse, files))
    except SourceError as error:
        return _Unreadable(error.path, error.problem)
