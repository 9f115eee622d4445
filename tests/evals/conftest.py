from collections.abc import Callable

import pytest

from evals.record import Conditions, QuestionRecord, RunRecord
from evals.scoring import Figures

RecordOf = Callable[..., RunRecord]


@pytest.fixture
def record_of() -> RecordOf:
    """Make a run's record from figures by question; all questions weigh 1."""

    def make(figures: dict[str, Figures], **changed: object) -> RunRecord:
        conditions = Conditions(
            corpus="c" * 64,
            pages=3,
            passages=30,
            embedder="minilm",
            chunker="v1",
            model="offline",
            scope="assistant",
        )
        names = {name for row in figures.values() for name in row}
        values = {name: [row[name] for row in figures.values() if name in row] for name in names}
        return RunRecord(
            created_at="2026-01-01T00:00:00+00:00",
            revision="r" * 40,
            conditions=conditions.model_copy(update=changed),
            totals={"failures": 0, "citations.broken": 0},
            means={name: sum(found) / len(found) for name, found in values.items()},
            questions={
                name: QuestionRecord(asked="same", weight=1, figures=dict(row))
                for name, row in figures.items()
            },
        )

    return make
