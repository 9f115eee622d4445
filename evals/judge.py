"""A language model's opinion of an answer, for what words alone can't tell."""

from collections.abc import Sequence
from dataclasses import replace

from agents import Agent, RunConfig, Runner
from agents.models.interface import Model
from pydantic import BaseModel

from evals.answer_metrics import without_markers
from evals.questions import Question
from evals.results import GIVEN, Result
from evals.runner import SystemUnderTest
from server.chat.failures import RUN_FAILURES
from server.prompts import load_prompt


class Opinion(BaseModel):
    """What the judge thinks of one answer; `correct` is None without a reference."""

    reason: str
    grounded: bool
    correct: bool | None

    @property
    def figures(self) -> dict[str, float]:
        """The opinion as figures of the answer."""
        figures = {"judge.grounded": float(self.grounded)}
        if self.correct is not None:
            figures["judge.correct"] = float(self.correct)
        return figures


def judge_name(model_name: str) -> str:
    """Return the name of a judge, which pins the model and the prompt's version."""
    return f"{model_name}, prompt {load_prompt('judge', package='evals.prompts').version}"


class Judge:
    """A model with the prompt that it judges by."""

    def __init__(self, model: Model, model_name: str) -> None:
        prompt = load_prompt("judge", package="evals.prompts")
        self.name = judge_name(model_name)
        self._agent = Agent(
            name="judge", instructions=prompt.text, model=model, output_type=Opinion
        )

    async def judge(
        self, question: str, answer: str, passages: Sequence[str], *, reference: str | None
    ) -> Opinion:
        """Judge an answer by what it cites, and by a reference if there is one.

        Raises what a run of the assistant raises when the model fails: `server.chat.failures`.
        """
        parts = [("Question", question), ("Answer", without_markers(answer))]
        parts += [(f"Passage {number}", text) for number, text in enumerate(passages, start=1)]
        parts.append(("Reference", reference or "There is none."))
        run = await Runner.run(
            self._agent,
            "\n\n".join(f"# {title}\n\n{text}" for title, text in parts),
            run_config=RunConfig(tracing_disabled=True),
        )
        opinion = run.final_output_as(Opinion)
        return opinion if reference else opinion.model_copy(update={"correct": None})


class JudgedSystem:
    """Has each answer of another system judged.

    A judge that fails is recorded as that: the answer has no opinion then, and no score by one.
    """

    def __init__(self, system: SystemUnderTest, judge: Judge) -> None:
        self._system = system
        self._judge = judge

    async def observe(self, question: Question) -> Result:
        """Ask the other system, then the judge if an answer was given."""
        result = replace(await self._system.observe(question), judge=self._judge.name)
        if result.answer is None or result.status not in GIVEN:
            return result
        passages = list(dict.fromkeys(citation.text for citation in result.citations))
        reference = question.answer if question.answerable else None
        try:
            opinion = await self._judge.judge(
                question.question, result.answer, passages, reference=reference
            )
        except RUN_FAILURES as error:
            return replace(result, judge_error=f"{type(error).__name__}: {error}")
        return replace(result, judged=opinion.figures, judge_reason=opinion.reason)
