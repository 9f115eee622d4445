"""Parse many files by all cores, in their order."""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from ingest.parsing import ParsedPage, Parser
from ingest.sources import SourceError, SourceFile
from store.errors import OperatorError

# What starting other processes costs until they have caught up.
_STARTING_SECONDS: Final = 2.0
# The pages by which the time for the others is told.
_TRIAL_PAGES: Final = 16

# Files that a process is handed at once: what an interruption waits for.
_TASK_FILES: Final = 8
# Tasks for each process that are under way or done and not yet taken: what bounds memory.
_TASKS_AHEAD: Final = 3
# One process writes what they read, and can't keep up with more.
_MOST_PROCESSES: Final = 8


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


async def parse_files(
    parser: Parser, files: Sequence[SourceFile], *, processes: int | None = None
) -> AsyncGenerator[ParsedPage]:
    """Yield what each file becomes, in their order.

    Other processes are started only if the first files tell that it pays. Raises `SourceError`
    for a file that can't be read any more, and `ParsingError`.
    """
    processes = process_count() if processes is None else processes
    spent, done = 0.0, 0
    for file in files:
        if done >= _TRIAL_PAGES and processes > 1:
            rest = spent / done * (len(files) - done)
            if rest - rest / processes > _STARTING_SECONDS:
                break
        began = time.monotonic()
        page = parser.parse(file)
        spent += time.monotonic() - began
        done += 1
        yield page
    if done < len(files):
        async with aclosing(_parse_elsewhere(parser, files[done:], processes)) as pages:
            async for page in pages:
                yield page


async def _parse_elsewhere(
    parser: Parser, files: Sequence[SourceFile], processes: int
) -> AsyncGenerator[ParsedPage]:
    tasks = (files[start : start + _TASK_FILES] for start in range(0, len(files), _TASK_FILES))
    pool = ProcessPoolExecutor(
        processes,
        # A forked process would inherit locks that threads of this one hold.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(parser,),
    )
    waiting: deque[tuple[str, Future[list[ParsedPage] | _Unreadable]]] = deque()

    def hand_over(count: int) -> None:
        for task in islice(tasks, count):
            waiting.append((task[0].path, pool.submit(_parse, task)))

    try:
        with _uninterrupted():
            hand_over(processes * _TASKS_AHEAD)
        while waiting:
            first, future = waiting.popleft()
            try:
                result = await asyncio.wrap_future(future)
                hand_over(1)
            except BrokenProcessPool as error:
                raise ParsingError(first) from error
            if isinstance(result, _Unreadable):
                raise SourceError(*result)
            for page in result:
                yield page
    finally:
        pool.shutdown(cancel_futures=True)


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

    parser: Parser


_worker = _Worker()


def _begin(parser: Parser) -> None:
    _worker.parser = parser
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A killed parent closes nothing, and its processes would wait for tasks for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _parse(files: Sequence[SourceFile]) -> list[ParsedPage] | _Unreadable:
    try:
        return [_worker.parser.parse(file) for file in files]
    except SourceError as error:
        return _Unreadable(error.path, error.problem)
