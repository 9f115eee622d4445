"""`python -m evals new`: draft a question set from the docs."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from evals.drafting import draft_questions
from evals.model_drafting import draft_with_model, sections_of
from evals.outputs import OutputError, check_folder
from evals.question_files import write_questions
from evals.questions import Question
from evals.systems import model_is_configured
from server.agent.models import open_model
from server.settings import ServerSettings
from store.resources import open_embedder, open_index


def new(
    output: Annotated[Path, typer.Argument(help="The question set to write, JSONL.")],
    *,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="From headings alone, also with a model at hand.")
    ] = False,
    per_section: Annotated[
        int, typer.Option(min=1, max=5, help="Most questions that the model writes of a section.")
    ] = 1,
    path_prefix: Annotated[
        str, typer.Option(help="Put in front of the index's paths to get those of the set.")
    ] = "",
    concurrency: Annotated[int, typer.Option(min=1, help="Sections at a time.")] = 4,
) -> None:
    """Draft questions about every section of the index, for you to edit.

    With a model they are written by it, otherwise they come from headings and FAQ entries.
    """
    check_folder(output)
    if output.exists():
        # It may hold an afternoon's work of editing.
        raise OutputError(output, "it is there already")
    settings = ServerSettings.with_options(index_dir=index)
    with_model = model_is_configured(settings) and not offline
    questions = asyncio.run(
        _draft(
            settings,
            per_section=per_section if with_model else 0,
            path_prefix=path_prefix,
            concurrency=concurrency,
        )
    )
    write_questions(output, questions)
    sys.stderr.write(
        f"{len(questions)} drafts written to {output}. Edit them: reword what readers\n"
    )
    sys.stderr.write("would not type, check each gold, and add what the docs don't answer.\n")


async def _draft(
    settings: ServerSettings, *, per_section: int, path_prefix: str, concurrency: int
) -> list[Question]:
    embedder = open_embedder(settings)
    try:
        index = await open_index(settings, embedder)
        try:
            pages = await index.pages()
            passages = {page.path: await index.passages(page.path) for page in pages}
        finally:
            await index.close()
    finally:
        await embedder.close()
    if not per_section:
        return draft_questions(pages, passages, path_prefix=path_prefix)
    sections = list(sections_of(pages, passages, path_prefix=path_prefix))
    async with open_model(settings) as model:
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task("Drafting", total=len(sections))
            return await draft_with_model(
                model,
                sections,
                per_section=per_section,
                concurrency=concurrency,
                on_done=lambda: progress.advance(bar),
            )
