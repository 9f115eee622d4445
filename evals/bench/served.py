"""What was measured of servers becomes the bars and rows of the serving part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from evals.bench.figures import OURS, Bar, Part, Row, p95
from evals.bench.load import Streamed

MINIMAL: Final = "minimal ChatKit"
BARE: Final = "bare SSE"
MODEL: Final = "model alone"

AT_ONCE: Final = 25
"""Readers that keep a server busy, where its throughput is measured."""

_MOST_OF_CPU: Final = 0.7
_MOST_IDLE_MEGABYTES: Final = 150
_MOST_READY_SECONDS: Final = 2

_MOMENTS: Final[Mapping[str, Callable[[Streamed], float]]] = {
    "first event": lambda answer: answer.first_event,
    "first text": lambda answer: answer.first_text,
    "whole answer": lambda answer: answer.seconds,
}


@dataclass(slots=True)
class Served:
    """What was measured of one server; CPU is in seconds an answer, memory in megabytes."""

    ready: list[float] = field(default_factory=list)
    idle: float = 0.0
    one_by_one: list[Streamed] = field(default_factory=list)
    cpu: float = 0.0
    answers_a_second: float = 0.0
    cpu_paced: float = 0.0
    failed: int = 0
    peaks: dict[int, float] = field(default_factory=dict)

    @property
    def events(self) -> float:
        """How many events an answer has, in the middle."""
        return median(answer.events for answer in self.one_by_one)

    @property
    def first_text(self) -> float:
        """Seconds until the first text, in the middle."""
        return median(answer.first_text for answer in self.one_by_one)


def serving_part(
    served: Mapping[str, Served], *, alone: float, embedder: float, deltas: int
) -> Part:
    """Compare what was measured.

    `alone` are the seconds that the model takes by itself until the first text, `embedder` the
    megabytes of the embedder, `deltas` in how many parts the model writes an answer.
    """
    ours, minimal, bare = served[OURS], served[MINIMAL], served[BARE]
    bars = (
        Bar(
            f"first text beyond the model's own / {MINIMAL}'s, p50",
            (ours.first_text - alone) / (minimal.first_text - alone),
            1,
        ),
        Bar(f"CPU an answer / {MINIMAL}'s", ours.cpu / minimal.cpu, _MOST_OF_CPU),
        Bar(
            f"CPU an answer at 100 tokens/s / {MINIMAL}'s",
            ours.cpu_paced / minimal.cpu_paced,
            1,
        ),
        Bar(f"CPU an answer / {BARE}'s", ours.cpu / bare.cpu),
        Bar("memory idle beyond the embedder", ours.idle - embedder, _MOST_IDLE_MEGABYTES, "MB"),
        Bar("answers that failed, of all at once", ours.failed, 0, unit=""),
        Bar("start to ready, p50", median(ours.ready), _MOST_READY_SECONDS, "s"),
    )
    rows = [
        *(
            Row(
                f"{name}, {point}",
                "ms",
                {
                    who: summary([moment(answer) for answer in each.one_by_one]) * 1000
                    for who, each in served.items()
                },
            )
            for name, moment in _MOMENTS.items()
            for point, summary in (("p50", median), ("p95", p95))
        ),
        Row("of it, the model alone until the first text, p50", "ms", {MODEL: alone * 1000}),
        Row("CPU an answer", "ms", {who: each.cpu * 1000 for who, each in served.items()}),
        Row(
            "CPU an answer at 100 tokens/s",
            "ms",
            {who: each.cpu_paced * 1000 for who, each in served.items() if each.cpu_paced},
        ),
        Row("events an answer", "", {who: each.events for who, each in served.items()}),
        Row(
            f"answers, {AT_ONCE} at once",
            "answers/s",
            {who: each.answers_a_second for who, each in served.items()},
        ),
        Row(
            f"events, {AT_ONCE} at once",
            "events/s",
            {who: each.events * each.answers_a_second for who, each in served.items()},
        ),
        Row("start to ready, p50", "s", {who: median(each.ready) for who, each in served.items()}),
        Row("memory, idle", "MB", {who: each.idle for who, each in served.items()}),
        Row("of it, the embedder", "MB", {OURS: embedder}),
        *(
            Row(
                f"memory, {count} streams",
                "MB",
                {who: each.peaks[count] for who, each in served.items() if count in each.peaks},
            )
            for count in ours.peaks
        ),
    ]
    about = f"{len(ours.one_by_one)} answers of {deltas} deltas, one by one"
    return Part("serving", about, bars, tuple(rows))
