"""A run as it is kept: figures, and what they were measured under. A baseline is one of these."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.outputs import write_text
from evals.questions import Question
from evals.scoring import ScoredResult, Scores
from store.errors import OperatorError
from store.records import Manifest, Page


class RecordError(OperatorError):
    """A run's record, or baseline, that can't be read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Conditions(_Frozen):
    """What a run was made with. `corpus` is a digest of all pages' paths and contents."""

    corpus: str
    pages: int
    passages: int
    embedder: str
    chunker: str
    model: str
    judge: str | None = None
    scope: Literal["retrieval", "assistant"]


class QuestionRecord(_Frozen):
    """A question's figures; `asked` is a digest of what they were measured against."""

    asked: str
    weight: float
    figures: dict[str, float]


class RunRecord(_Frozen):
    """A run: `created_at` is ISO 8601 in UTC, `revision` git's, None outside a repository."""

    format: Literal[1] = 1
    created_at: str
    revision: str | None
    conditions: Conditions
    totals: dict[str, float]
    means: dict[str, float]
    questions: dict[str, QuestionRecord]


def make_conditions(
    manifest: Manifest,
    pages: Iterable[Page],
    *,
    model: str,
    scope: Literal["retrieval", "assistant"],
    judge: str | None = None,
) -> Conditions:
    """Describe what an index holds and what answers from it."""
    digest = hashlib.sha256()
    for page in sorted(pages, key=lambda page: page.path):
        digest.update(f"{page.path}\0{page.content_hash}\0".encode())
    return Conditions(
        corpus=digest.hexdigest(),
        pages=manifest.pages,
        passages=manifest.passages,
        embedder=manifest.embedder,
        chunker=manifest.chunker,
        model=model,
        judge=judge,
        scope=scope,
    )


def make_record(
    scores: Scores, conditions: Conditions, *, totals: Mapping[str, float] | None = None
) -> RunRecord:
    """Put a run's figures on record, with the time and the revision of the working tree.

    `totals` are figures of the run that its results don't tell.
    """
    all_totals = {**scores.totals, **(totals or {})}
    return RunRecord(
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        revision=_revision(),
        conditions=conditions,
        totals={name: round(value, 6) for name, value in all_totals.items()},
        means={name: round(mean.value, 6) for name, mean in scores.means.items()},
        questions={row.question.id: _question_record(row) for row in scores.rows},
    )


def _question_record(row: ScoredResult) -> QuestionRecord:
    return QuestionRecord(
        asked=_digest(row.question),
        weight=row.question.weight,
        figures={name: round(value, 6) for name, value in row.figures.items()},
    )


def _digest(question: Question) -> str:
    # Without the defaults, so that a field that a later version knows changes no digest.
    asked = question.model_dump_json(exclude={"id", "tags", "weight"}, exclude_defaults=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def _revision() -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    asked = subprocess.run(  # noqa: S603 - a fixed command, found on PATH.
        [git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else None


def write_record(path: Path, record: RunRecord) -> None:
    """Write a record as JSON, fit for committing: one figure a line."""
    write_text(path, record.model_dump_json(indent=1) + "\n")


def read_record(path: Path) -> RunRecord:
    """Read a record; raises `RecordError` when there is none or it is not one."""
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RecordError(path, f"can't be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RecordError(path, f"is not the record of a run: {field} {first['msg']}") from error
