"""The gaps of the docs as Markdown for an issue, JSON for a tool, and a page."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from jinja2 import Environment, PackageLoader, StrictUndefined

from evals.gaps import Gap, GapReport
from evals.reports.markdown import plain

REASONS = {"not_found": "not found", "partial": "answered in part", "downvoted": "voted down"}
_SHOWN_WORDINGS = 5


def gaps_json(report: GapReport) -> str:
    """Write all that is known, dates as ISO 8601."""
    return json.dumps(asdict(report), ensure_ascii=False, indent=1, default=str) + "\n"


def gaps_markdown(report: GapReport) -> str:
    """Write a section for each gap: who is affected, how it was asked, where it belongs."""
    return "\n".join(_lines(report)) + "\n"


def gaps_html(report: GapReport) -> str:
    """Write one page, with nothing fetched."""
    environment = Environment(
        loader=PackageLoader("evals.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("gaps.html.j2")
    return template.render(report=report, summary=_summary(report), reasons_of=reasons_of)


def reasons_of(gap: Gap) -> str:
    """Tell how often the answer was lacking in which way."""
    return ", ".join(
        f"{times} × {REASONS[reason]}" for reason, times in sorted(gap.reasons.items())
    )


def _summary(report: GapReport) -> str:
    return (
        f"{report.unanswered} of {report.questions} questions, by {report.users} readers in all, "
        f"were not found, answered in part or voted down: {len(report.gaps)} different ones."
    )


def _lines(report: GapReport) -> Iterator[str]:
    yield from ("# What the docs don't answer", "", _summary(report))
    for number, gap in enumerate(report.gaps, start=1):
        yield from ("", f"## {number}. {plain(gap.question)}", "")
        readers = "1 reader" if gap.users == 1 else f"{gap.users} readers"
        yield f"{readers}, {reasons_of(gap)}; last on {gap.last_asked}."
        others = [wording for wording in gap.wordings if wording != gap.question]
        if others:
            yield from ("", "Also asked as:", "")
            yield from (f"- {plain(wording)}" for wording in others[:_SHOWN_WORDINGS])
            if len(others) > _SHOWN_WORDINGS:
                yield f"- and in {len(others) - _SHOWN_WORDINGS} more ways"
        if gap.nearest:
            yield from ("", "Nearest pages:", "")
            for page in gap.nearest:
                yield f"- `{plain(page.source)}`, “{plain(page.heading)}”: {plain(page.url)}"
