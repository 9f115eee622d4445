"""A summary that fits a comment on a pull request."""

from collections.abc import Iterator, Mapping

from evals.report import FigureRow, Report

_SHOWN_QUESTIONS = 10
_PASSED = {True: "passed", False: "**failed**", None: "not asked"}


def markdown_report(report: Report) -> str:
    """Write the verdict, the gates, all figures and the questions that changed."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    conditions = report.record.conditions
    yield f"## Evaluation of {plain(report.name)}: {'passed' if report.passed else 'failed'}"
    yield ""
    yield (
        f"{len(report.scores.rows)} questions, {conditions.pages} pages, "
        f"embedder `{plain(conditions.embedder)}`, model `{plain(conditions.model)}`."
    )
    if failures := report.scores.failures:
        yield f"**{len(failures)} questions failed to run**, so they have no figures:"
        yield ""
        for failure in failures[:_SHOWN_QUESTIONS]:
            yield f"- `{plain(failure.id)}`: {plain(failure.error or '')}"
    if report.comparison:
        for obstacle in report.comparison.obstacles:
            yield f"\n**Not compared with the baseline**: {plain(obstacle)}."
        for note in report.comparison.notes:
            yield f"\nSince the baseline: {plain(note)}."
    yield from _gates(report)
    yield from _figures(report)
    yield from _questions("Worse than the baseline", report.worse, report)
    yield from _questions("Better than the baseline", report.better, report)


def _gates(report: Report) -> Iterator[str]:
    if report.verdicts:
        yield from ("", "| gate | | |", "| --- | --- | --- |")
    for verdict in report.verdicts:
        passed = _PASSED[verdict.passed]
        yield f"| `{plain(verdict.figure)}` | {passed} | {plain(verdict.reason)} |"


def _figures(report: Report) -> Iterator[str]:
    percent = f"{report.confidence:.0%}"
    yield from (
        "",
        f"| figure | mean ({percent} interval) | change ({percent} interval) | questions |",
    )
    yield "| --- | --- | --- | ---: |"
    for row in report.figures:
        mean = f"{row.mean:.3f} ({row.interval.low:.3f} to {row.interval.high:.3f})"
        yield f"| `{row.figure}` | {mean} | {_change(row)} | {row.count} |"


def _change(row: FigureRow) -> str:
    change = row.change
    if change is None:
        return ""
    text = f"{change.difference:+.3f} ({change.interval.low:+.3f} to {change.interval.high:+.3f})"
    return f"**{text}**" if change.worse or change.better else text


def _questions(
    title: str, moved: Mapping[str, Mapping[str, tuple[float, float]]], report: Report
) -> Iterator[str]:
    if not moved:
        return
    asked = {row.question.id: row.question.question for row in report.scores.rows}
    yield from ("", f"<details><summary>{title}: {len(moved)}</summary>", "")
    for name, figures in list(moved.items())[:_SHOWN_QUESTIONS]:
        values = ", ".join(
            f"{figure} {before:.2f} → {now:.2f}" for figure, (before, now) in figures.items()
        )
        yield f"- `{plain(name)}` {plain(asked[name])} ({values})"
    if len(moved) > _SHOWN_QUESTIONS:
        yield f"- and {len(moved) - _SHOWN_QUESTIONS} more"
    yield from ("", "</details>")


def plain(text: str) -> str:
    """Keep text from being markup: on one line, no HTML, no table cell's end."""
    line = " ".join(text.split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("`", "'")
