"""What every report of a run is written from."""

from dataclasses import dataclass
from functools import cached_property

from evals.bootstrap import Interval, mean_interval
from evals.compare import Change, Comparison
from evals.gates import Verdict
from evals.record import RunRecord
from evals.scoring import Scores

STATUSES = ("answered", "partial", "not_found", "off_topic", "error")
# A question counts as better or worse by these; the other figures follow them or are noisy.
TELLING_FIGURES = (
    "page.mrr@10",
    "section.mrr@10",
    "answer.given",
    "answer.withheld",
    "answer.checks",
    "answer.tools",
    "citation.recall",
    "citation.resolves",
)


@dataclass(frozen=True)
class FigureRow:
    """One figure of the run, with the interval of its mean and its change, if it has one."""

    figure: str
    mean: float
    count: int
    interval: Interval
    change: Change | None


@dataclass(frozen=True)
class Report:
    """A run over the question set `name`, compared and judged."""

    name: str
    scores: Scores
    record: RunRecord
    comparison: Comparison | None
    verdicts: tuple[Verdict, ...]
    confidence: float

    @property
    def passed(self) -> bool:
        """Whether no question failed to run or to be judged, and no gate was missed."""
        failed = self.scores.failures or self.scores.judge_failures
        return not failed and all(verdict.passed is not False for verdict in self.verdicts)

    @cached_property
    def figures(self) -> tuple[FigureRow, ...]:
        """All means with their intervals, in the order of the levels they measure."""
        changes = self.comparison.changes if self.comparison else {}
        return tuple(
            FigureRow(figure, mean.value, mean.count, self._interval(figure), changes.get(figure))
            for figure, mean in self.scores.means.items()
        )

    def _interval(self, figure: str) -> Interval:
        rows = [row for row in self.scores.rows if figure in row.figures]
        values = [row.figures[figure] for row in rows]
        weights = [row.question.weight for row in rows]
        return mean_interval(values, weights, confidence=self.confidence)

    @property
    def worse(self) -> dict[str, dict[str, tuple[float, float]]]:
        """By question, the telling figures that are lower than the baseline's."""
        return self._moved(up=False)

    @property
    def better(self) -> dict[str, dict[str, tuple[float, float]]]:
        """By question, the telling figures that are higher than the baseline's."""
        return self._moved(up=True)

    def _moved(self, *, up: bool) -> dict[str, dict[str, tuple[float, float]]]:
        moved = {
            question: {
                figure: (before, now)
                for figure, (before, now) in figures.items()
                if figure in TELLING_FIGURES and before != now and (now > before) is up
            }
            for question, figures in (self.comparison.questions if self.comparison else {}).items()
        }
        return {question: figures for question, figures in moved.items() if figures}
