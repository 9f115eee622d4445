"""`python -m evals QUESTIONS`: ask a question set and measure what comes back."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from evals.compare import compare
from evals.gates import Gates, judge, read_gates
from evals.gold_check import describe_lost_gold, lost_gold
from evals.judge import judge_name
from evals.judge_agreement import agreement_totals, labelled_answers, measure_agreement
from evals.outputs import check_folder, write_text
from evals.question_files import read_questions
from evals.questions import Question
from evals.record import Conditions, make_record, read_record, write_record
from evals.report import Report
from evals.reports.console import print_report
from evals.reports.html import html_report
from evals.reports.junit import junit_report
from evals.reports.markdown import markdown_report
from evals.results import Result, ResultsFile, read_results
from evals.runner import reusable, run_questions
from evals.scoring import score
from evals.systems import OpenedSystem, open_system
from server.settings import ServerSettings
from store.errors import SettingsError

EXIT_FAILED = 1


def evaluate(
    questions: Annotated[Path, typer.Argument(help="Question set, JSONL or YAML.")],
    *,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
    results: Annotated[Path | None, typer.Option(help="Write one JSON line a question.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Ask only what --results has no answer to yet.")
    ] = False,
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Search, but write no answers.")
    ] = False,
    path_prefix: Annotated[
        str, typer.Option(help="Put in front of the index's paths to get those of the set.")
    ] = "",
    concurrency: Annotated[
        int, typer.Option(min=1, help="Questions at a time; 1 for undisturbed times.")
    ] = 4,
    repeat: Annotated[
        int, typer.Option(min=1, help="How often each question is asked, for models that vary.")
    ] = 1,
    judge_model: Annotated[
        str | None,
        typer.Option("--judge", metavar="MODEL", help="Have this model judge the answers too."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Compare with this earlier --record.")
    ] = None,
    gates: Annotated[Path | None, typer.Option(help="Bars to clear, TOML; exit 1 if not.")] = None,
    record: Annotated[
        Path | None, typer.Option(help="Write the figures as JSON, a baseline for later runs.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary in Markdown.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report page.")] = None,
) -> int:
    """Ask every question of a set and print the figures.

    Exit 1 when a question could not be run or a gate was missed.
    """
    for path in filter(None, (results, record, junit, markdown, html)):
        check_folder(path)
    asked = read_questions(questions)
    bars = read_gates(gates) if gates else Gates()
    earlier = read_record(baseline) if baseline else None
    settings = ServerSettings.with_options(index_dir=index)
    if resume and results is None:
        raise SettingsError("--resume", "needs --results, the file of the run to go on with")
    earlier_results = read_results(results) if resume and results else []
    kept = reusable(
        earlier_results,
        asked,
        answered=not retrieval_only,
        judge=judge_name(judge_model) if judge_model else None,
    )
    opening = open_system(
        settings,
        retrieval_only=retrieval_only,
        path_prefix=path_prefix,
        judge_model=judge_model,
    )
    try:
        found, conditions, totals = asyncio.run(
            _run(
                opening,
                asked,
                kept,
                path_prefix=path_prefix,
                repeat=repeat,
                concurrency=concurrency,
                results=results,
            )
        )
    except KeyboardInterrupt:
        if results and results.exists():
            sys.stderr.write(f"{results} has the answers so far; --resume goes on from there.\n")
        raise
    scores = score(asked, found)
    run = make_record(scores, conditions, totals=totals)
    comparison = compare(earlier, run, confidence=bars.confidence) if earlier else None
    verdicts = tuple(judge(bars, run, comparison))
    report = Report(questions.stem, scores, run, comparison, verdicts, bars.confidence)
    print_report(report, Console())
    if record:
        write_record(record, run)
    for file, write in ((junit, junit_report), (markdown, markdown_report), (html, html_report)):
        if file is not None:
            write_text(file, write(report))
    return 0 if report.passed else EXIT_FAILED


async def _run(
    opening: AbstractAsyncContextManager[OpenedSystem],
    questions: Sequence[Question],
    kept: Sequence[Result],
    *,
    path_prefix: str,
    repeat: int,
    concurrency: int,
    results: Path | None,
) -> tuple[list[Result], Conditions, dict[str, float]]:
    attempts = range(1, repeat + 1)
    finished: dict[tuple[str, int], Result] = {}
    totals: dict[str, float] = {}
    async with opening as opened:
        if lost := lost_gold(questions, opened.pages, path_prefix=path_prefix):
            sys.stderr.write(f"{describe_lost_gold(lost)}\n")
        if opened.judge:
            labelled = labelled_answers()
            agreed = await measure_agreement(opened.judge, labelled, concurrency=concurrency)
            totals = agreement_totals(agreed)
        with ExitStack() as stack:
            file = stack.enter_context(ResultsFile(results)) if results else None
            progress = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty())
            stack.enter_context(progress)
            bar = progress.add_task("Asking", total=len(questions) * repeat)

            def keep(attempt: int, found: Result) -> None:
                result = replace(found, attempt=attempt)
                finished[result.id, attempt] = result
                progress.advance(bar)
                if file:
                    file.add(result)

            for result in kept:
                if result.attempt <= repeat:
                    keep(result.attempt, result)
            for attempt in attempts:
                left = [asked for asked in questions if (asked.id, attempt) not in finished]
                await run_questions(
                    opened.system, left, concurrency=concurrency, on_result=partial(keep, attempt)
                )
            ordered = [finished[question.id, n] for question in questions for n in attempts]
            if file:
                file.complete(ordered)
    return ordered, opened.conditions, totals
