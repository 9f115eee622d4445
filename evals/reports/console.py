"""Print a run in the terminal."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from evals.report import STATUSES, Report
from evals.scoring import RANKING_FIGURES, Scores

LEVELS = ("page", "section", "passage")
_COSTS = {"seconds": "Seconds", "tokens": "Tokens", "cost": "US dollars"}
_SHOWN_FAILURES = 5


def print_report(report: Report, console: Console) -> None:
    """Print retrieval figures, what became of the answers, changes and gates."""
    scores = report.scores
    console.print(_ranking_table(scores, console))
    if report.record.conditions.scope == "assistant":
        console.print(_outcome_table(scores, console))
        console.print(_answer_table(scores, console))
        citations, broken = scores.totals["citations"], scores.totals["citations.broken"]
        valid = citations - broken
        console.print(f"{valid:.0f} of {citations:.0f} citations lead to a section of the docs.\n")
    _print_judge(report, console)
    for table in _cost_tables(scores, console):
        console.print(table)
    if "cost" in scores.totals:
        console.print(f"The model's answers cost {scores.totals['cost']:.4f} US dollars.\n")
    _print_comparison(report, console)
    _print_verdicts(report, console)
    failures = scores.failures
    for failure in failures[:_SHOWN_FAILURES]:
        _print_line(console, f"{failure.id} failed: {failure.error}", style="red")
    if failures:
        asked = sum(len(row.attempts) for row in scores.rows)
        _print_line(console, f"{len(failures)} of {asked} questions failed.", "red")


def _print_judge(report: Report, console: Console) -> None:
    totals = report.record.totals
    for figure in ("grounded", "correct"):
        if f"judge.agreement.{figure}" in totals:
            share, kappa = (totals[f"judge.{kind}.{figure}"] for kind in ("agreement", "kappa"))
            line = f"The judge agrees with people on {figure}: {share:.0%}, kappa {kappa:.2f}."
            _print_line(console, line)
    failures = report.scores.judge_failures
    for failure in failures[:_SHOWN_FAILURES]:
        _print_line(console, f"{failure.id} was not judged: {failure.judge_error}", "red")
    if failures:
        _print_line(console, f"{len(failures)} answers could not be judged.", "red")


def _print_comparison(report: Report, console: Console) -> None:
    if report.comparison is None:
        return
    for obstacle in report.comparison.obstacles:
        _print_line(console, f"Not compared with the baseline: {obstacle}.", "yellow")
    for note in report.comparison.notes:
        _print_line(console, f"Since the baseline: {note}.")
    for change in report.comparison.changes.values():
        if change.worse or change.better:
            word, style = ("worse", "red") if change.worse else ("better", "green")
            line = f"{change.figure} is {word}: {change.before:.3f} before, {change.now:.3f} now."
            _print_line(console, line, style)


def _print_verdicts(report: Report, console: Console) -> None:
    not_asked: defaultdict[str, list[str]] = defaultdict(list)
    for verdict in report.verdicts:
        match verdict.passed:
            case False:
                _print_line(console, f"GATE {verdict.figure}: {verdict.reason}", "bold red")
            case None:
                not_asked[verdict.reason].append(verdict.figure)
            case True:
                pass
    for reason, figures in not_asked.items():
        _print_line(console, f"Gates not asked ({reason}): {', '.join(figures)}", "yellow")
    if asked := [verdict for verdict in report.verdicts if verdict.passed is not None]:
        passed = sum(verdict.passed is True for verdict in asked)
        _print_line(console, f"{passed} of {len(asked)} gates passed.")


def _print_line(console: Console, text: str, style: str = "") -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _table(console: Console, title: str, columns: Sequence[str]) -> Table:
    box = SIMPLE_HEAD if console.is_terminal else None
    table = Table(title=title, title_justify="left", box=box)
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
        if name.startswith(("answer.", "citation.", "judge.")):
            table.add_row(name, f"{mean.value:.3f}", str(mean.count))
    return table


def _cost_tables(scores: Scores, console: Console) -> Iterator[Table]:
    """Show what an answer takes, by kind: how long, how many tokens of the model, what it costs."""
    for kind, form in (("seconds", ".3f"), ("tokens", ",.0f"), ("cost", ".6f")):
        medians = [name for name in scores.totals if name.startswith(f"{kind}.") and ".p50" in name]
        if medians:
            table = _table(console, _COSTS[kind], ("", "p50", "p95"))
            for median in medians:
                values = (scores.totals[median], scores.totals[median.replace(".p50", ".p95")])
                table.add_row(median.split(".")[1], *(format(value, form) for value in values))
            yield table
