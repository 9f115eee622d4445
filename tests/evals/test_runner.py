import asyncio
from collections.abc import Callable

import pytest

from evals.questions import Gold, Question
from evals.results import Result
from evals.runner import run_questions


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


def noting(seen: list[str]) -> Callable[[Result], None]:
    return lambda result: seen.append(result.id)


async def test_results_are_in_the_questions_order_and_told_as_they_come() -> None:
    system = Scripted({"q0": 0.05}, {})
    seen: list[str] = []
    results = await run_questions(system, questions(3), concurrency=3, on_result=noting(seen))
    assert [result.id for result in results] == ["q0", "q1", "q2"]
    assert seen[-1] == "q0"


async def test_a_crash_is_a_failure_of_its_own_question_only() -> None:
    system = Scripted({}, {"q1": ZeroDivisionError("a bug")})
    first, second, third = await run_questions(
        system, questions(3), concurrency=1, on_result=noting([])
    )
    assert not first.failed
    assert second.failed
    assert second.error == "ZeroDivisionError: a bug"
    assert not third.failed


async def test_no_more_questions_at_a_time_than_allowed() -> None:
    system = Scripted({f"q{number}": 0.01 for number in range(8)}, {})
    await run_questions(system, questions(8), concurrency=3, on_result=noting([]))
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
