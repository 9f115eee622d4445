"""Questions that a language model drafts from the sections of a corpus, for a person to edit."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents import Agent, RunConfig, Runner
from agents.exceptions import ModelBehaviorError
from agents.models.interface import Model
from pydantic import BaseModel

from evals.drafting import DRAFT
from evals.questions import Gold, Question
from server.prompts import load_prompt
from store.records import Page, Passage

logger = logging.getLogger(__name__)

_LEAST_WORDS = 20


class DraftedQuestion(BaseModel):
    """What the model writes of one question."""

    question: str
    answer: str


class DraftedQuestions(BaseModel):
    """What the model writes of one section."""

    questions: list[DraftedQuestion]


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section with its whole text, long enough to be asked about."""

    title: str
    gold: Gold
    text: str


def sections_of(
    pages: Sequence[Page], passages: Mapping[str, Sequence[Passage]], *, path_prefix: str = ""
) -> Iterator[SectionText]:
    """Yield the sections that have something to ask about; `passages` are by path."""
    for page in pages:
        for part in page.sections:
            texts = [found.text for found in passages[page.path] if found.anchor == part.anchor]
            if sum(len(text.split()) for text in texts) >= _LEAST_WORDS:
                gold = Gold(path=path_prefix + page.path, anchor=part.anchor or None)
                title = " › ".join(part.heading_path)
                yield SectionText(title, gold, "\n\n".join(texts))


async def draft_with_model(
    model: Model,
    sections: Sequence[SectionText],
    *,
    per_section: int,
    concurrency: int,
    on_done: Callable[[], None],
) -> list[Question]:
    """Ask the model for questions about each section; `on_done` is called after each.

    A section whose reply can't be read is left out and logged. Raises what the model raises
    otherwise, such as `openai.APIError`.
    """
    prompt = load_prompt("draft", package="evals.prompts", count=str(per_section))
    agent = Agent(
        name="question-drafter",
        instructions=prompt.text,
        model=model,
        output_type=DraftedQuestions,
    )
    limiter = asyncio.Semaphore(concurrency)

    async def draft(section: SectionText) -> list[DraftedQuestion]:
        async with limiter:
            try:
                run = await Runner.run(
                    agent,
                    f"# {section.title}\n\n{section.text}",
                    run_config=RunConfig(tracing_disabled=True),
                )
            except ModelBehaviorError as error:
                logger.warning("No questions about %s: %s", section.title, error)
                return []
            finally:
                on_done()
        return run.final_output_as(DraftedQuestions).questions[:per_section]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(draft(section)) for section in sections]
    drafted = (
        (section, found)
        for section, task in zip(sections, tasks, strict=True)
        for found in task.result()
        if found.question.strip() and found.answer.strip()
    )
    return [
        Question(
            id=f"draft-{number}",
            question=found.question,
            gold=(section.gold,),
            answer=found.answer,
            tags=(DRAFT,),
        )
        for number, (section, found) in enumerate(drafted, start=1)
    ]
