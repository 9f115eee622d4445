"""What a run tells while it goes on: bars on a terminal, nothing elsewhere."""

# ruff: noqa: PLC0415 - a run that finds nothing to do loads nothing to show it by.

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from store.records import Manifest


class Progress(Protocol):
    """Is told how far a run is."""

    def expect(self, stage: str, steps: int = 1) -> None:
        """Note that a stage has so many steps more than was known."""
        ...

    def advance(self, stage: str, steps: int = 1) -> None:
        """Note that steps of a stage are done."""
        ...

    def published(self, manifest: "Manifest") -> None:
        """Note that a generation can be searched from now on."""
        ...


class Silence:
    """A `Progress` that shows nothing."""

    def expect(self, stage: str, steps: int = 1) -> None:
        """Do nothing."""

    def advance(self, stage: str, steps: int = 1) -> None:
        """Do nothing."""

    def published(self, manifest: "Manifest") -> None:
        """Do nothing."""


class _Terminal:
    """A `Progress` of one bar a stage on stderr."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._stages: dict[str, TaskID] = {}
        self._expected: dict[str, int] = {}

    def expect(self, stage: str, steps: int = 1) -> None:
        if self._bars is None:
            self._bars = _bars()
            self._bars.start()
        if stage not in self._stages:
            self._stages[stage] = self._bars.add_task(stage)
        self._expected[stage] = self._expected.get(stage, 0) + steps
        self._bars.update(self._stages[stage], total=self._expected[stage])

    def advance(self, stage: str, steps: int = 1) -> None:
        if self._bars is not None:
            self._bars.advance(self._stages[stage], steps)

    def published(self, manifest: "Manifest") -> None:
        if self._bars is not None and not manifest.dense:
            self._bars.console.print(f"Generation {manifest.generation} can be searched by words.")

    def close(self) -> None:
        if self._bars is not None:
            self._bars.stop()


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Yield what shows a run to a person; nothing is shown when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield Silence()
        return
    terminal = _Terminal()
    try:
        yield terminal
    finally:
        terminal.close()


def _bars() -> "Bars":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    return Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
