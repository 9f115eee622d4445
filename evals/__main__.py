"""`python -m evals`: ask a question set and measure what comes back."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from evals.question_files import read_questions
from evals.questions import Question
from evals.report import print_report
from evals.results import Result, ResultsFile
from evals.runner import SystemUnderTest, run_questions
from evals.scoring import score
from evals.systems import open_system
from server.settings import ServerSettings
from store.console import run_command

EXIT_FAILED = 1

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    questions: Annotated[Path, typer.Argument(help="Question set, JSONL.")],
    *,
    index: Annotated[Path | None, typer.Option(help="Folder of the index.")] = None,
    results: Annotated[Path | None, typer.Option(help="Write one JSON line a question.")] = None,
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Search, but write no answers.")
    ] = False,
    path_prefix: Annotated[
        str, typer.Option(help="Put in front of the index's paths to get those of the set.")
    ] = "",
    concurrency: Annotated[int, typer.Option(min=1, help="Questions at a time.")] = 4,
) -> None:
    """Ask every question of a set and print the figures; exit 1 when a question failed."""
    asked = read_questions(questions)
    settings = ServerSettings() if index is None else ServerSettings(index_dir=index)
    opening = open_system(settings, retrieval_only=retrieval_only, path_prefix=path_prefix)
    found = asyncio.run(_run(opening, asked, concurrency=concurrency, results=results))
    scores = score(asked, found)
    print_report(scores, Console())
    if scores.failures:
        raise typer.Exit(EXIT_FAILED)


async def _run(
    opening: AbstractAsyncContextManager[SystemUnderTest],
    questions: Sequence[Question],
    *,
    concurrency: int,
    results: Path | None,
) -> list[Result]:
    async with opening as system:
        with ExitStack() as stack:
            file = stack.enter_context(ResultsFile(results)) if results else None
            console = Console(stderr=True)
            progress = stack.enter_context(
                Progress(console=console, disable=not sys.stderr.isatty())
            )
            bar = progress.add_task("Asking", total=len(questions))

            def keep(result: Result) -> None:
                progress.advance(bar)
                if file:
                    file.add(result)

            found = await run_questions(system, questions, concurrency=concurrency, on_result=keep)
            if file:
                file.complete(found)
    return found


if __name__ == "__main__":
    run_command(app)
