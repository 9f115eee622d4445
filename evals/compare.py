"""Compare a run with a baseline, question by question."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

from evals.bootstrap import Interval, mean_interval
from evals.record import QuestionRecord, RunRecord

# With another of these, a difference says nothing about the assistant.
_MUST_AGREE = ("corpus", "embedder", "scope")
# These are what a change may be about, so they are named and compared.
_NAMED = ("chunker", "model", "judge")
_BY_JUDGE = "judge."
# Of a large set the interval itself asks for four changed questions before it leaves zero out; of
# a tiny one it would call the loss of a single question significant.
_LEAST_CHANGED = 4


@dataclass(frozen=True)
class Change:
    """A figure over the `count` questions that have it in both runs.

    `interval` is that of the paired difference, now minus before; `changed` counts the questions
    that differ.
    """

    figure: str
    before: float
    now: float
    interval: Interval
    count: int
    changed: int

    @property
    def difference(self) -> float:
        """How much the mean changed."""
        return self.now - self.before

    @property
    def worse(self) -> bool:
        """Whether the figure is significantly worse."""
        return self.interval.high < 0 and self.changed >= _LEAST_CHANGED

    @property
    def better(self) -> bool:
        """Whether the figure is significantly better."""
        return self.interval.low > 0 and self.changed >= _LEAST_CHANGED


@dataclass(frozen=True)
class Comparison:
    """What changed since the baseline.

    `obstacles` say why the runs can't be compared; `changes` is empty then. `notes` name what
    else is different. `questions` has, by question and figure, what is not as it was.
    """

    obstacles: tuple[str, ...]
    notes: tuple[str, ...]
    changes: dict[str, Change]
    questions: dict[str, dict[str, tuple[float, float]]]


def compare(baseline: RunRecord, now: RunRecord, *, confidence: float) -> Comparison:
    """Compare the questions that both runs asked in the same way."""
    obstacles = _differences(baseline, now, _MUST_AGREE)
    notes = list(_differences(baseline, now, _NAMED))
    same = {
        name: (baseline.questions[name], question)
        for name, question in now.questions.items()
        if name in baseline.questions and baseline.questions[name].asked == question.asked
    }
    if other := len(now.questions) - len(same):
        notes.append(f"{other} of {len(now.questions)} questions are new or were changed")
    if gone := len(baseline.questions.keys() - now.questions.keys()):
        notes.append(f"{gone} questions of the baseline were not asked")
    if obstacles:
        return Comparison(obstacles, tuple(notes), {}, {})
    if baseline.conditions.judge != now.conditions.judge:
        same = {
            name: (_unjudged(before), _unjudged(after)) for name, (before, after) in same.items()
        }
    return Comparison((), tuple(notes), _changes(same, confidence), _changed_questions(same))


def _unjudged(question: QuestionRecord) -> QuestionRecord:
    """Leave out what a judge has said: the opinions of two judges are not to be compared."""
    figures = {
        name: value for name, value in question.figures.items() if not name.startswith(_BY_JUDGE)
    }
    return question.model_copy(update={"figures": figures})


def _differences(baseline: RunRecord, now: RunRecord, names: tuple[str, ...]) -> tuple[str, ...]:
    before, after = baseline.conditions.model_dump(), now.conditions.model_dump()
    return tuple(
        f"another {name}: {_short(before[name])} before, {_short(after[name])} now"
        for name in names
        if before[name] != after[name]
    )


def _short(value: str | None) -> str:
    if value is None:
        return "none"
    return value[:12] if len(value) == 64 else value


_Pairs = dict[str, tuple[QuestionRecord, QuestionRecord]]


def _changes(pairs: _Pairs, confidence: float) -> dict[str, Change]:
    values: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for before, now in pairs.values():
        for figure in now.figures.keys() & before.figures.keys():
            row = (before.figures[figure], now.figures[figure], now.weight)
            values[figure].append(row)
    changes = {}
    for figure in sorted(values):
        earlier, later, weights = zip(*values[figure], strict=True)
        differences = [now - before for before, now in zip(earlier, later, strict=True)]
        changes[figure] = Change(
            figure=figure,
            before=fmean(earlier, weights),
            now=fmean(later, weights),
            interval=mean_interval(differences, weights, confidence=confidence),
            count=len(differences),
            changed=sum(difference != 0 for difference in differences),
        )
    return changes


def _changed_questions(pairs: _Pairs) -> dict[str, dict[str, tuple[float, float]]]:
    changed = {
        name: {
            figure: (before.figures[figure], value)
            for figure, value in now.figures.items()
            if before.figures.get(figure, value) != value
        }
        for name, (before, now) in pairs.items()
    }
    return {name: figures for name, figures in changed.items() if figures}
