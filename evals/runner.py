"""Run a question set: some at a time, each failure kept to its own question."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from evals.questions import Question
from evals.results import Result


class SystemUnderTest(Protocol):
    """Answers a question; whatever it raises is recorded as a failure of that question."""

    async def observe(self, question: Question) -> Result:
        """Ask one question and return what came back."""
        ...


async def run_questions(
    system: SystemUnderTest,
    questions: Sequence[Question],
    *,
    concurrency: int,
    on_result: Callable[[Result], None],
) -> None:
    """Ask every question; `on_result` is told each result as soon as it is there.

    Whatever `system` raises becomes a result with the status `error`.
    """
    limiter = asyncio.Semaphore(concurrency)

    async def observe(question: Question) -> Result:
        async with limiter:
            return await system.observe(question)

    tasks = {asyncio.create_task(observe(question)): question for question in questions}
    pending = set(tasks)
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                on_result(_result_of(task, tasks[task]))
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


def reusable(
    results: Iterable[Result],
    questions: Iterable[Question],
    *,
    answered: bool,
    judge: str | None = None,
) -> list[Result]:
    """Return the results of an interrupted run that the same run again need not make.

    Left out are failures, questions that were reworded since, and with `answered` results of the
    retrieval alone, or without it those of whole answers. What another judge has judged, or none,
    or one that failed, is left out too.
    """
    asked = {
        question.id: (
            question.question,
            question.earlier_questions,
            question.version,
            question.locale,
        )
        for question in questions
    }
    return [
        result
        for result in results
        if asked.get(result.id) == (result.question, result.turns, result.version, result.locale)
        and not result.failed
        and (result.status is not None) is answered
        and result.judge == judge
        and not result.judge_error
    ]


def _result_of(task: asyncio.Task[Result], question: Question) -> Result:
    error = task.exception()
    if error is None:
        return task.result()
    return Result(
        id=question.id,
        question=question.question,
        turns=question.earlier_questions,
        status="error",
        error=f"{type(error).__name__}: {error}",
    )
