"""Print the figures of a run."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from evals.scoring import RANKING_FIGURES, Scores

LEVELS = ("page", "section")
STATUSES = ("answered", "partial", "not_found", "error")
_SHOWN_FAILURES = 5


def print_report(scores: Scores, console: Console) -> None:
    """Print retrieval figures, and for whole answers what became of them."""
    console.print(_ranking_table(scores, console))
    if scores.outcomes:
        console.print(_outcome_table(scores, console))
        console.print(_answer_table(scores, console))
        citations, broken = scores.totals["citations"], scores.totals["citations.broken"]
        valid = citations - broken
        console.print(f"{valid:.0f} of {citations:.0f} citations lead to a section of the docs.")
    console.print(_seconds_table(scores, console))
    failures = scores.failures
    for failure in failures[:_SHOWN_FAILURES]:
        console.print(f"{failure.id} failed: {failure.error}", style="red", markup=False)
    if failures:
        console.print(f"{len(failures)} of {len(scores.rows)} questions failed.", style="red")


def _table(console: Console, title: str, columns: Sequence[str]) -> Table:
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD if console.is_terminal else None
    )
    table.add_column(columns[0])
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _ranking_table(scores: Scores, console: Console) -> Table:
    table = _table(console, "Retrieval", ("", *RANKING_FIGURES, "questions"))
    for level in LEVELS:
        means = [scores.means.get(f"{level}.{figure}") for figure in RANKING_FIGURES]
        counted = next((mean.count for mean in means if mean), 0)
        cells = [f"{mean.value:.3f}" if mean else "" for mean in means]
        if counted:
            table.add_row(level, *cells, str(counted))
    return table


def _outcome_table(scores: Scores, console: Console) -> Table:
    table = _table(console, "What became of the questions", ("an answer is", *STATUSES))
    outcomes = scores.outcomes
    for label, answerable in (("expected", True), ("not expected", False)):
        counts = [outcomes[answerable, status] for status in STATUSES]
        table.add_row(label, *(str(count) for count in counts))
    return table


def _answer_table(scores: Scores, console: Console) -> Table:
    table = _table(console, "Answers", ("figure", "mean", "questions"))
    for name, mean in scores.means.items():
        if name.startswith(("answer.", "citation.")):
            table.add_row(name, f"{mean.value:.3f}", str(mean.count))
    return table


def _seconds_table(scores: Scores, console: Console) -> Table:
    table = _table(console, "Seconds", ("", "p50", "p95"))
    names = [name.split(".")[1] for name in scores.totals if name.endswith(".p50")]
    for name in names:
        cells = (scores.totals[f"seconds.{name}.{point}"] for point in ("p50", "p95"))
        table.add_row(name, *(f"{seconds:.3f}" for seconds in cells))
    return table
