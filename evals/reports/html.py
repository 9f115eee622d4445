"""One page that shows a run: no other file, nothing fetched."""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from jinja2 import Environment, PackageLoader, StrictUndefined

from evals import metrics
from evals.report import STATUSES, Report
from evals.scoring import ScoredResult

_CURVE_DEPTH = 20


@dataclass(frozen=True)
class Curve:
    """A line of a chart: (x, y) from (0, 0) at the lower left to (1, 1)."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class QuestionView:
    """A row of the table of questions."""

    row: ScoredResult
    worse: dict[str, tuple[float, float]]
    better: dict[str, tuple[float, float]]

    @property
    def filters(self) -> str:
        """The filters that show this row, separated by spaces."""
        figures, status = self.row.figures, self.row.result.status
        names = {
            "worse": bool(self.worse),
            "better": bool(self.better),
            "missed": figures.get("page.hit@10") == 0,
            "withheld": figures.get("answer.given") == 0,
            "invented": figures.get("answer.withheld") == 0,
            "failed": status == "error",
        }
        return " ".join(name for name, shown in names.items() if shown)

    @cached_property
    def gold_places(self) -> frozenset[tuple[str, str | None]]:
        """Gold as (path, anchor), the anchor None where the whole page is gold."""
        return frozenset((gold.path, gold.anchor) for gold in self.row.question.gold)

    def is_gold(self, path: str, anchor: str) -> bool:
        """Tell whether a place is gold, as a section or as a page."""
        return bool(self.gold_places & {(path, anchor), (path, None)})


def html_report(report: Report) -> str:
    """Write the page: figures, charts and every question with what came back."""
    environment = Environment(
        loader=PackageLoader("evals.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    worse, better = report.worse, report.better
    views = [
        QuestionView(row, worse.get(row.question.id, {}), better.get(row.question.id, {}))
        for row in report.scores.rows
    ]
    return environment.get_template("report.html.j2").render(
        report=report,
        statuses=STATUSES,
        views=views,
        filters={name for view in views for name in view.filters.split()},
        hit_curves=_hit_curves(report),
        curve_depth=_CURVE_DEPTH,
        time_curves=_time_curves(report),
        abstention=_abstention(report),
    )


def _hit_curves(report: Report) -> list[Curve]:
    """Return hit@k over k, the first k at the left edge and the last at the right."""
    pages, sections = [], []
    for row in report.scores.rows:
        found = row.result.retrieved
        if row.question.gold and not row.result.failed:
            ranking = metrics.unique(place.path for place in found)
            pages.append(metrics.reciprocal_rank(ranking, row.question.gold_pages, _CURVE_DEPTH))
        if row.question.gold_sections and not row.result.failed:
            places = metrics.unique((place.path, place.anchor) for place in found)
            gold = row.question.gold_sections
            sections.append(metrics.reciprocal_rank(places, gold, _CURVE_DEPTH))
    return [
        Curve(name, tuple(_share_within(k, ranks) for k in range(1, _CURVE_DEPTH + 1)))
        for name, ranks in (("page", pages), ("section", sections))
        if ranks
    ]


def _share_within(k: int, reciprocal_ranks: list[float]) -> tuple[float, float]:
    # A reciprocal rank of at least 1/k is a rank of at most k.
    within = sum(rank * k >= 1 - 1e-9 for rank in reciprocal_ranks)
    return (k - 1) / (_CURVE_DEPTH - 1), within / len(reciprocal_ranks)


@dataclass(frozen=True)
class Abstention:
    """The two mistakes over the threshold: evidence from 0 to `highest`, both as shares."""

    curves: tuple[Curve, ...]
    highest: float
    threshold: float | None


def _abstention(report: Report) -> Abstention | None:
    """Return, over the threshold, the share that is refused or answered although it should not.

    None without questions of both sorts whose evidence is known.
    """
    scores: dict[bool, list[float]] = {True: [], False: []}
    thresholds = set()
    for row in report.scores.rows:
        if row.result.evidence is not None and isfinite(row.result.evidence):
            scores[row.question.answerable].append(row.result.evidence)
            thresholds.add(row.result.threshold)
    answerable, others = sorted(scores[True]), sorted(scores[False])
    if not answerable or not others:
        return None
    highest = max(answerable[-1], others[-1]) or 1.0
    refused = [(score / highest, n / len(answerable)) for n, score in enumerate(answerable)]
    answered = [(score / highest, 1 - n / len(others)) for n, score in enumerate(others)]
    curves = (
        Curve("refused", ((0.0, 0.0), *refused, (1.0, 1.0))),
        Curve("answered", ((0.0, 1.0), *answered, (1.0, 0.0))),
    )
    return Abstention(curves, highest, thresholds.pop() if len(thresholds) == 1 else None)


def _time_curves(report: Report) -> list[tuple[Curve, float]]:
    """Return, by kind of time, the share of questions done within it, and the longest time."""
    times: dict[str, list[float]] = {}
    for row in report.scores.rows:
        for name, seconds in row.result.seconds.items():
            times.setdefault(name, []).append(seconds)
    curves = []
    for name, found in times.items():
        longest = max(found) or 1.0
        ordered = sorted(found)
        share = range(1, len(ordered) + 1)
        points = tuple(
            (value / longest, done / len(ordered))
            for value, done in zip(ordered, share, strict=True)
        )
        curves.append((Curve(name, ((0.0, 0.0), *points)), longest))
    return curves
