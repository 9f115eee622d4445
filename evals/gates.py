"""The bars that a run has to clear, and whether it did."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evals.compare import Comparison
from evals.record import RunRecord
from store.errors import OperatorError


class GatesError(OperatorError):
    """A gates file that can't be used."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class Gate(BaseModel):
    """Bounds of one figure; `no_worse` compares it with the baseline."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: float | None = None
    at_most: float | None = None
    no_worse: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.at_most is None and not self.no_worse:
            raise ValueError("needs at_least, at_most or no_worse")
        return self


class Gates(BaseModel):
    """All gates of a run, by the figure's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    figures: dict[str, Gate] = Field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a gate found. `passed` is None when it could not be asked; `reason` says why."""

    figure: str
    passed: bool | None
    reason: str


def read_gates(path: Path) -> Gates:
    """Read a gates file; raises `GatesError` for a mistake in it."""
    try:
        return Gates.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise GatesError(path, f"can't be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GatesError(path, f"is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise GatesError(path, f"{field}: {first['msg']}") from error


def judge(gates: Gates, run: RunRecord, comparison: Comparison | None) -> list[Verdict]:
    """Ask every gate, in the file's order; a gate with several bounds gives several verdicts."""
    return [
        verdict
        for figure, gate in gates.figures.items()
        for verdict in _judge_one(figure, gate, run, comparison)
    ]


def _judge_one(
    figure: str, gate: Gate, run: RunRecord, comparison: Comparison | None
) -> list[Verdict]:
    value = run.means.get(figure, run.totals.get(figure))
    if value is None:
        if run.conditions.scope == "retrieval" and not figure.startswith(("page.", "section.")):
            return [Verdict(figure, None, "not measured by a run of the retrieval alone")]
        # A gate that nothing can fail would look like one that everything passes.
        return [Verdict(figure, False, "was not measured: no question has it")]
    verdicts = []
    if gate.at_least is not None:
        reason = f"{value:.4g}, at least {gate.at_least:g} wanted"
        verdicts.append(Verdict(figure, value >= gate.at_least, reason))
    if gate.at_most is not None:
        reason = f"{value:.4g}, at most {gate.at_most:g} wanted"
        verdicts.append(Verdict(figure, value <= gate.at_most, reason))
    if gate.no_worse:
        verdicts.append(_judge_change(figure, comparison))
    return verdicts


def _judge_change(figure: str, comparison: Comparison | None) -> Verdict:
    if comparison is None:
        return Verdict(figure, None, "there is no baseline to compare with")
    if comparison.obstacles:
        return Verdict(figure, None, f"not comparable: {'; '.join(comparison.obstacles)}")
    change = comparison.changes.get(figure)
    if change is None:
        return Verdict(figure, None, "the baseline has no such figure")
    reason = (
        f"{change.before:.4g} before, {change.now:.4g} now; the change is between "
        f"{change.interval.low:+.3f} and {change.interval.high:+.3f}"
    )
    return Verdict(figure, not change.worse, reason)
