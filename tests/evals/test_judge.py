import json
from collections import Counter
from collections.abc import Sequence

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message

from evals.compare import compare
from evals.judge import Judge, JudgedSystem, Opinion
from evals.judge_agreement import (
    JudgeUnavailableError,
    agreement,
    agreement_totals,
    labelled_answers,
    measure_agreement,
)
from evals.questions import Gold, Question
from evals.results import Cited, Result, Status
from evals.runner import reusable
from evals.scoring import score
from tests.evals.conftest import RecordOf

QUESTION = Question(id="q", question="How?", gold=(Gold(path="a.md"),), answer="Like this.")


class Answers:
    """A system that answers every question in the same way."""

    def __init__(self, answer: str = "So [1].", status: Status = "answered") -> None:
        self._result = Result(
            id="q",
            question="How?",
            answer=answer,
            status=status,
            citations=(Cited(1, "a.md", "", "/a", resolves=True, text="It goes so."),),
        )

    async def observe(self, question: Question) -> Result:
        assert question.question == self._result.question
        return self._result


def says(*, grounded: bool = True, correct: bool | None = True) -> ModelStep:
    opinion = Opinion(reason="Because.", grounded=grounded, correct=correct)
    return ModelStep(output=[assistant_message(opinion.model_dump_json())])


def a_judge(*steps: ModelStep) -> tuple[Judge, ScriptedModel]:
    model = ScriptedModel(steps)
    return Judge(model, "small-1"), model


async def test_an_answer_is_judged_by_what_it_cites_and_by_the_reference() -> None:
    judge, model = a_judge(says(grounded=False))
    result = await JudgedSystem(Answers(), judge).observe(QUESTION)
    assert result.judged == {"judge.grounded": 0, "judge.correct": 1}
    assert result.judge_reason == "Because."
    assert result.judge == "small-1, prompt 1"
    shown = json.dumps(model.calls[0].input)
    for part in ("# Question", "How?", "# Passage 1", "It goes so.", "# Reference", "Like this."):
        assert part in shown
    assert "[1]" not in shown
    figures = score([QUESTION], [result]).rows[0].figures
    assert (figures["judge.grounded"], figures["judge.correct"]) == (0, 1)


async def test_without_a_reference_nothing_is_correct_or_wrong() -> None:
    judge, _ = a_judge(says(correct=True))
    question = QUESTION.model_copy(update={"answer": None})
    result = await JudgedSystem(Answers(), judge).observe(question)
    assert result.judged == {"judge.grounded": 1}


async def test_what_says_nothing_is_not_judged() -> None:
    judge, model = a_judge()
    result = await JudgedSystem(Answers(status="not_found"), judge).observe(QUESTION)
    assert (result.judged, result.judge_error) == ({}, None)
    assert model.calls == ()


async def test_a_judge_that_fails_is_a_failure_and_no_score() -> None:
    judge, _ = a_judge(ModelStep(output=[assistant_message("I'd say it is fine.")]))
    result = await JudgedSystem(Answers(), judge).observe(QUESTION)
    assert result.judge_error
    assert result.judge_error.startswith("ModelBehaviorError")
    scores = score([QUESTION], [result])
    assert "judge.grounded" not in scores.means
    assert scores.means["answer.given"].value == 1
    assert scores.totals["judge.failures"] == 1
    assert reusable([result], [QUESTION], answered=True, judge=judge.name) == []


def test_what_another_judge_has_judged_is_asked_again() -> None:
    result = Result(id="q", question="How?", status="answered", judge="small-1, prompt 1")
    kept = reusable([result], [QUESTION], answered=True, judge="small-1, prompt 1")
    assert kept == [result]
    assert reusable([result], [QUESTION], answered=True, judge="small-1, prompt 2") == []
    assert reusable([result], [QUESTION], answered=True) == []


def test_opinions_of_two_judges_are_named_and_not_compared(record_of: RecordOf) -> None:
    figures = {f"q{number}": {"judge.grounded": 1.0, "answer.given": 1.0} for number in range(5)}
    before, now = record_of(figures, judge="one"), record_of(figures, judge="two")
    comparison = compare(before, now, confidence=0.95)
    assert comparison.notes == ("another judge: one before, two now",)
    assert comparison.changes.keys() == {"answer.given"}
    same = compare(before, before, confidence=0.95)
    assert same.changes.keys() == {"answer.given", "judge.grounded"}


@pytest.mark.parametrize(
    ("people", "judge", "share", "kappa"),
    [
        ([True, True, False, False], [True, True, False, False], 1, 1),
        # By chance alone, 4 of 10 would be equal: (0.7 - 0.5) / (1 - 0.5).
        ([True] * 5 + [False] * 5, [True] * 4 + [False] * 4 + [True] * 2, 0.7, 0.4),
        ([True, False], [False, True], 0, -1),
        ([True, True], [True, True], 1, 1),
    ],
)
def test_agreement_beyond_chance(
    people: Sequence[bool], judge: Sequence[bool], share: float, kappa: float
) -> None:
    found = agreement(people, judge)
    assert found.share == pytest.approx(share)
    assert found.kappa == pytest.approx(kappa)


async def test_agreement_is_measured_on_the_labelled_answers() -> None:
    labelled = labelled_answers()
    steps = [says(grounded=True, correct=answer.correct) for answer in labelled]
    judge, model = a_judge(*steps)
    found = await measure_agreement(judge, labelled, concurrency=1)
    model.assert_complete()
    grounded = sum(answer.grounded for answer in labelled) / len(labelled)
    totals = agreement_totals(found)
    assert totals["judge.agreement.grounded"] == pytest.approx(grounded)
    assert totals["judge.kappa.grounded"] == pytest.approx(0)
    assert (totals["judge.agreement.correct"], totals["judge.kappa.correct"]) == (1, 1)


async def test_a_judge_that_can_not_be_asked_ends_the_run_at_once() -> None:
    judge, _ = a_judge(ModelStep(output=[assistant_message("No.")]))
    with pytest.raises(JudgeUnavailableError, match="small-1, prompt 1"):
        await measure_agreement(judge, labelled_answers()[:1], concurrency=1)


def test_the_calibration_set_has_every_kind_of_answer() -> None:
    labelled = labelled_answers()
    assert len({answer.id for answer in labelled}) == len(labelled)
    kinds = Counter((answer.grounded, answer.correct) for answer in labelled)
    assert all(kinds[kind] >= 2 for kind in [(True, True), (True, False), (False, True)])
    assert kinds[False, False] >= 5
