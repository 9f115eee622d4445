import asyncio

import pytest

from evals.questions import Gold, Question
from evals.results import Result
from evals.runner import reusable, run_questions


def questions(count: int) -> list[Question]:
    return [
        Question(id=f"q{number}", question=f"What is {number}?", gold=(Gold(path="a.md"),))
        for number in range(count)
    ]


class Scripted:
    """Answers after as many seconds as the question's id has in `delays`."""

    def __init__(self, delays: dict[str, float], errors: dict[str, Exception]) -> None:
        self.delays = delays
        self.errors = errors
        self.running = 0
        self.most_running = 0
        self.cancelled = 0

    async def observe(self, question: Question) -> Result:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(self.delays.get(question.id, 0))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        if question.id in self.errors:
            raise self.errors[question.id]
        return Result(id=question.id, question=question.question)


async def test_results_are_told_as_they_come() -> None:
    system = Scripted({"q0": 0.05}, {})
    seen: list[Result] = []
    await run_questions(system, questions(3), concurrency=3, on_result=seen.append)
    assert {result.id for result in seen} == {"q0", "q1", "q2"}
    assert seen[-1].id == "q0"


async def test_a_crash_is_a_failure_of_its_own_question_only() -> None:
    system = Scripted({}, {"q1": ZeroDivisionError("a bug")})
    seen: list[Result] = []
    await run_questions(system, questions(3), concurrency=1, on_result=seen.append)
    assert {result.id: result.error for result in seen} == {
        "q0": None,
        "q1": "ZeroDivisionError: a bug",
        "q2": None,
    }
    assert [result.id for result in seen if result.failed] == ["q1"]


async def test_no_more_questions_at_a_time_than_allowed() -> None:
    system = Scripted({f"q{number}": 0.01 for number in range(8)}, {})
    seen: list[Result] = []
    await run_questions(system, questions(8), concurrency=3, on_result=seen.append)
    assert len(seen) == 8
    assert system.most_running == 3


async def test_an_interrupted_run_cancels_what_is_under_way() -> None:
    system = Scripted({"q1": 60, "q2": 60}, {})
    seen: list[str] = []
    answered = asyncio.Event()

    def on_result(result: Result) -> None:
        seen.append(result.id)
        answered.set()

    run = asyncio.create_task(
        run_questions(system, questions(3), concurrency=3, on_result=on_result)
    )
    await answered.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert seen == ["q0"]
    assert system.cancelled == 2


def test_a_run_goes_on_with_what_is_still_true() -> None:
    asked = questions(4)
    results = [
        Result(id="q0", question="What is 0?", status="answered", answer="0"),
        Result(id="q1", question="What was 1?", status="answered", answer="1"),
        Result(id="q2", question="What is 2?", status="error", error="ValueError: x"),
        Result(id="q3", question="What is 3?"),
        Result(id="q9", question="What is 9?", status="answered", answer="9"),
    ]
    assert [result.id for result in reusable(results, asked, answered=True)] == ["q0"]
    assert [result.id for result in reusable(results, asked, answered=False)] == ["q3"]
