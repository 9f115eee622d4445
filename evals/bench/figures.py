"""What a part of the bench hands to the report."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles

OURS = "Footnote"
"""The name of this project's column."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that says whether all is well: `most` is the goal, None when there is none.

    Without a unit it is a ratio of two measurements of the same run.
    """

    name: str
    value: float
    most: float | None = None
    unit: str = "×"

    @property
    def missed(self) -> bool:
        """Whether there is a goal and the value is beyond it."""
        return self.most is not None and self.value > self.most


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement of each system that it was made of."""

    name: str
    unit: str
    by_system: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the bench found; `about` says over what, in a line."""

    name: str
    about: str
    bars: tuple[Bar, ...]
    rows: tuple[Row, ...] = field(default=())


def p95(values: list[float]) -> float:
    """Return the value that 95% of the values are at most."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def median_seconds(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Time tasks that each keep to one core: the processor's time, whatever else it does.

    They take turns, `rounds` times, for what shares its caches falls on all.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            began = time.process_time()
            task()
            seconds[name].append(time.process_time() - began)
    return {name: median(values) for name, values in seconds.items()}


async def seconds_of(task: Awaitable[object]) -> float:
    """Time one task."""
    began = time.perf_counter()
    await task
    return time.perf_counter() - began
