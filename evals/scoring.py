"""Results become figures: some for each question, and their means over a set."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from statistics import fmean

from evals import metrics
from evals.questions import Question
from evals.results import Result

Figures = Mapping[str, float]
"""Values between 0 and 1 by name, such as `page.hit@3`; a figure that has no meaning for a
question (recall without gold) is left out of it and of the mean."""

HIT_DEPTHS = (1, 3, 5, 10)
DEPTH = 10
RANKING_FIGURES = (*(f"hit@{k}" for k in HIT_DEPTHS), "mrr@10", "recall@10", "ndcg@10")


@dataclass(frozen=True)
class Mean:
    """A mean over the `count` questions that have the figure."""

    value: float
    count: int


@dataclass(frozen=True)
class ScoredResult:
    """A question, what came back, and the figures of it; a failure has none."""

    question: Question
    result: Result
    figures: Figures


@dataclass(frozen=True)
class Scores:
    """Everything measured over one set, in the order of the questions."""

    rows: tuple[ScoredResult, ...]

    @cached_property
    def means(self) -> dict[str, Mean]:
        """The mean of each figure over the questions that have it."""
        names = dict.fromkeys(chain.from_iterable(row.figures for row in self.rows))
        values = {
            name: [row.figures[name] for row in self.rows if name in row.figures] for name in names
        }
        return {name: Mean(fmean(found), len(found)) for name, found in values.items()}

    @property
    def failures(self) -> list[Result]:
        """Results of questions whose run failed."""
        return [row.result for row in self.rows if row.result.failed]

    @property
    def outcomes(self) -> Counter[tuple[bool, str]]:
        """How many questions have which pair of (the docs answer it, status)."""
        return Counter(
            (bool(row.question.gold), row.result.status)
            for row in self.rows
            if row.result.status is not None
        )

    @property
    def broken_citations(self) -> int:
        """Citations that lead to a section which the index doesn't have."""
        return sum(not citation.resolves for row in self.rows for citation in row.result.citations)

    @property
    def citations(self) -> int:
        """All citations of all answers."""
        return sum(len(row.result.citations) for row in self.rows)


def score(questions: Sequence[Question], results: Sequence[Result]) -> Scores:
    """Score results against their questions, which are paired by id."""
    by_id = {result.id: result for result in results}
    rows = (
        ScoredResult(question, by_id[question.id], figures_of(question, by_id[question.id]))
        for question in questions
        if question.id in by_id
    )
    return Scores(tuple(rows))


def figures_of(question: Question, result: Result) -> dict[str, float]:
    """Return the figures that have a meaning for this question."""
    if result.failed:
        return {}
    figures: dict[str, float] = {}
    if question.gold:
        pages = metrics.unique(found.path for found in result.retrieved)
        figures |= _ranking_figures("page", pages, question.gold_pages)
    if question.gold_sections:
        sections = metrics.unique((found.path, found.anchor) for found in result.retrieved)
        figures |= _ranking_figures("section", sections, question.gold_sections)
    return figures


def _ranking_figures(
    level: str, ranking: Sequence[Hashable], gold: Set[Hashable]
) -> dict[str, float]:
    figures = {f"{level}.hit@{k}": metrics.hit(ranking, gold, k) for k in HIT_DEPTHS}
    figures[f"{level}.mrr@{DEPTH}"] = metrics.reciprocal_rank(ranking, gold, DEPTH)
    figures[f"{level}.recall@{DEPTH}"] = metrics.recall(ranking, gold, DEPTH)
    figures[f"{level}.ndcg@{DEPTH}"] = metrics.ndcg(ranking, gold, DEPTH)
    return figures
