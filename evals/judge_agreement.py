"""How far a judge agrees with people, over answers that people have labelled."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from statistics import fmean

from pydantic import BaseModel, ConfigDict

from evals.judge import Judge
from server.chat.failures import RUN_FAILURES
from store.errors import OperatorError

_SET = "judge_calibration.jsonl"


class LabelledAnswer(BaseModel):
    """An answer with what a person thinks of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    answer: str
    passages: tuple[str, ...]
    reference: str
    grounded: bool
    correct: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """Share of equal labels, and Cohen's kappa: the share beyond chance, 1 at best."""

    share: float
    kappa: float
    count: int


class JudgeUnavailableError(OperatorError):
    """A judge that can't be asked at all."""

    def __init__(self, judge: str, problem: str) -> None:
        super().__init__(f"The judge {judge} can't be used: {problem}")
        self.judge = judge


def labelled_answers() -> list[LabelledAnswer]:
    """Return the calibration set that comes with the project."""
    text = files("evals").joinpath("questions", _SET).read_text(encoding="utf-8")
    return [LabelledAnswer.model_validate_json(line) for line in text.splitlines()]


async def measure_agreement(
    judge: Judge, answers: Sequence[LabelledAnswer], *, concurrency: int
) -> dict[str, Agreement]:
    """Ask the judge about labelled answers; return its agreement on `grounded` and `correct`.

    Raises `JudgeUnavailableError` when it fails on one of them.
    """
    limiter = asyncio.Semaphore(concurrency)

    async def opinion(labelled: LabelledAnswer) -> tuple[bool, bool]:
        async with limiter:
            found = await judge.judge(
                labelled.question,
                labelled.answer,
                labelled.passages,
                reference=labelled.reference,
            )
        return found.grounded, found.correct is True

    try:
        opinions = await asyncio.gather(*(opinion(labelled) for labelled in answers))
    except RUN_FAILURES as error:
        raise JudgeUnavailableError(judge.name, f"{type(error).__name__}: {error}") from error
    return {
        "grounded": agreement(
            [labelled.grounded for labelled in answers], [grounded for grounded, _ in opinions]
        ),
        "correct": agreement(
            [labelled.correct for labelled in answers], [correct for _, correct in opinions]
        ),
    }


def agreement_totals(found: Mapping[str, Agreement]) -> dict[str, float]:
    """Return the agreement as figures of a run."""
    return {
        f"judge.{kind}.{label}": value
        for label, agreed in found.items()
        for kind, value in (("agreement", agreed.share), ("kappa", agreed.kappa))
    }


def agreement(people: Sequence[bool], judge: Sequence[bool]) -> Agreement:
    """Compare two labellings of the same answers."""
    share = fmean(one == other for one, other in zip(people, judge, strict=True))
    yes, said = fmean(people), fmean(judge)
    chance = yes * said + (1 - yes) * (1 - said)
    kappa = (share - chance) / (1 - chance) if chance < 1 else 1.0
    return Agreement(share, kappa, len(people))
