"""`python -m evals calibrate`: set how good evidence has to be for an answer."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from evals.calibrate import Calibration, calibrate
from evals.question_files import read_questions
from evals.questions import Question
from evals.systems import RETRIEVED_SECTIONS, scope_of
from server.search.abstention import evidence_score
from server.search.followup import contextual_query
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.errors import OperatorError
from store.resources import open_embedder, open_index, open_index_writer


class NothingAnswerableError(OperatorError):
    """A question set without a question that the docs answer."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: no question names pages that answer it, so nothing can be set")
        self.path = path


def calibrate_threshold(
    questions: Annotated[Path, typer.Argument(help="Question set, JSONL or YAML.")],
    *,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
    foreign: Annotated[
        Path | None,
        typer.Option(help="Another set, whose questions these docs don't answer."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure, but set nothing.")] = False,
) -> None:
    """Set how good evidence has to be for an answer, and keep it with the index."""
    asked = read_questions(questions)
    answerable = [question for question in asked if question.answerable]
    others = [question for question in asked if not question.answerable]
    if not answerable:
        raise NothingAnswerableError(questions)
    if foreign is not None:
        others += read_questions(foreign)
    settings = ServerSettings.with_options(index_dir=index)
    found = asyncio.run(_calibrate(settings, answerable, others, write=not dry_run))
    typer.echo(
        f"{'Would set' if dry_run else 'Set'} the threshold to {found.threshold:.3f}: "
        f"{found.refused:.1%} of {len(answerable)} questions that the docs answer are refused"
        + (
            "."
            if found.answered is None
            else f", {found.answered:.1%} of {len(others)} others answered."
        )
    )


async def _calibrate(
    settings: ServerSettings, answerable: list[Question], others: list[Question], *, write: bool
) -> Calibration:
    embedder = open_embedder(settings)
    try:
        index = await open_index(settings, embedder)
        try:
            retriever = Retriever(embedder, index)
            found = calibrate(
                [await _score(retriever, question) for question in answerable],
                [await _score(retriever, question) for question in others],
            )
            manifest = replace(index.manifest, answer_threshold=round(found.threshold, 4))
        finally:
            await index.close()
        if write:
            # A published generation is never changed, so the threshold comes with the next one.
            writer = await open_index_writer(settings, embedder)
            try:
                await writer.publish(manifest)
            finally:
                await writer.abandon()
    finally:
        await embedder.close()
    return found


async def _score(retriever: Retriever, question: Question) -> float:
    query = contextual_query([*question.earlier_questions, question.question]).text
    found = await retriever.search(query, limit=RETRIEVED_SECTIONS, scope=scope_of(question))
    return evidence_score(query, found)
