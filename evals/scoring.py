"""Results become figures: some for each question, their means, and those of the whole run."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np

from evals import answer_metrics, metrics
from evals.questions import Question
from evals.results import GIVEN, Result

Figures = Mapping[str, float]
"""Values between 0 and 1 by name, such as `page.hit@3`; a figure that has no meaning for a
question (recall without gold) is left out of it and of the mean."""

HIT_DEPTHS = (1, 3, 5, 10)
PRECISION_DEPTHS = (3, 5)
DEPTH = 10
RANKING_FIGURES = (*(f"hit@{k}" for k in HIT_DEPTHS), "mrr@10", "recall@10", "ndcg@10")
_KINDS = ("page", "section", "passage", "answer", "citation", "judge")
_PERCENTILES = (50, 95)


@dataclass(frozen=True)
class Mean:
    """A weighted mean over the `count` questions that have the figure."""

    value: float
    count: int


@dataclass(frozen=True)
class ScoredResult:
    """A question, what came back each time that it was asked, and the figures of it.

    A figure is the mean over the attempts that have it; a failure has none.
    """

    question: Question
    attempts: tuple[Result, ...]
    figures: Figures

    @property
    def result(self) -> Result:
        """The first attempt that did not fail, or the first."""
        return next((result for result in self.attempts if not result.failed), self.attempts[0])


@dataclass(frozen=True)
class Scores:
    """Everything measured over one set, in the order of the questions."""

    rows: tuple[ScoredResult, ...]

    @cached_property
    def means(self) -> dict[str, Mean]:
        """The mean of each figure over the questions that have it, figures of a kind together."""
        values: defaultdict[str, list[float]] = defaultdict(list)
        weights: defaultdict[str, list[float]] = defaultdict(list)
        for row in self.rows:
            for name, value in row.figures.items():
                values[name].append(value)
                weights[name].append(row.question.weight)
        names = sorted(values, key=lambda name: _KINDS.index(name.split(".")[0]))
        return {name: Mean(fmean(values[name], weights[name]), len(values[name])) for name in names}

    @cached_property
    def totals(self) -> dict[str, float]:
        """Figures of the run as a whole: counts, and percentiles of times and tokens."""
        citations = [citation for result in self._results for citation in result.citations]
        totals: dict[str, float] = {
            "questions": len(self.rows),
            "failures": len(self.failures),
            "citations": len(citations),
            "citations.broken": sum(not citation.resolves for citation in citations),
        }
        if any(result.judge for result in self._results):
            totals["judge.failures"] = len(self.judge_failures)
        costs: defaultdict[str, list[float]] = defaultdict(list)
        paid = [result.cost for result in self._results if result.cost is not None]
        if paid:
            totals["cost"] = sum(paid)
            costs["cost.answer"] = paid
        for result in self._results:
            for name, seconds in result.seconds.items():
                costs[f"seconds.{name}"].append(seconds)
            for name, tokens in result.tokens.items():
                costs[f"tokens.{name}"].append(tokens)
        for name, found in costs.items():
            for percentile in _PERCENTILES:
                totals[f"{name}.p{percentile}"] = float(np.percentile(found, percentile))
        return totals

    @property
    def failures(self) -> list[Result]:
        """Results of attempts that failed."""
        return [result for result in self._results if result.failed]

    @property
    def judge_failures(self) -> list[Result]:
        """Results whose answer could not be judged."""
        return [result for result in self._results if result.judge_error]

    @property
    def outcomes(self) -> Counter[tuple[bool, str]]:
        """How many answers have which pair of (an answer is expected, status)."""
        return Counter(
            (row.question.answerable, result.status)
            for row in self.rows
            for result in row.attempts
            if result.status is not None
        )

    @property
    def _results(self) -> Iterator[Result]:
        return (result for row in self.rows for result in row.attempts)


def score(questions: Sequence[Question], results: Sequence[Result]) -> Scores:
    """Score results against their questions, which are paired by id."""
    by_id: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_id[result.id].append(result)
    rows = (
        ScoredResult(question, tuple(by_id[question.id]), figures_of(question, by_id[question.id]))
        for question in questions
        if question.id in by_id
    )
    return Scores(tuple(rows))


def figures_of(question: Question, attempts: Sequence[Result]) -> dict[str, float]:
    """Return the figures that have a meaning for this question, as means over its attempts.

    Asked several times, it also has `answer.steady`: the share of the commonest status.
    """
    measured = [_figures_of_one(question, result) for result in attempts]
    names = dict.fromkeys(name for figures in measured for name in figures)
    means = {name: fmean(found[name] for found in measured if name in found) for name in names}
    statuses = Counter(result.status for result in attempts if result.status and not result.failed)
    if statuses.total() > 1:
        means["answer.steady"] = max(statuses.values()) / statuses.total()
    return means


def _figures_of_one(question: Question, result: Result) -> dict[str, float]:
    if result.failed:
        return {}
    figures: dict[str, float] = {}
    if question.gold:
        pages = metrics.unique(found.path for found in result.retrieved)
        figures |= _ranking_figures("page", pages, question.gold_pages, question)
    if question.gold_sections:
        sections = metrics.unique((found.path, found.anchor) for found in result.retrieved)
        figures |= _ranking_figures("section", sections, question.gold_sections, question)
    if question.gold_texts:
        passages = metrics.unique(_passage_keys(question, result))
        figures |= _ranking_figures("passage", passages, question.gold_texts, question)
    if result.answer is not None:
        figures |= _answer_figures(question, result, result.answer)
        figures |= _citation_figures(question, result, result.answer)
    return figures | result.judged


def _passage_keys(question: Question, result: Result) -> Iterator[tuple[str, str]]:
    """Name each passage by the gold words that it has, any other by its rank."""
    for found in result.retrieved:
        words = _plain(found.text)
        held = [
            (path, text)
            for path, text in sorted(question.gold_texts)
            if path == found.path and _plain(text) in words
        ]
        yield from held or [(found.path, f"#{found.rank}")]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _ranking_figures(
    level: str, ranking: Sequence[Hashable], gold: Set[Hashable], question: Question
) -> dict[str, float]:
    hit = metrics.hit if question.require == "any" else metrics.hit_all
    figures = {f"{level}.hit@{k}": hit(ranking, gold, k) for k in HIT_DEPTHS}
    figures[f"{level}.mrr@{DEPTH}"] = metrics.reciprocal_rank(ranking, gold, DEPTH)
    figures[f"{level}.recall@{DEPTH}"] = metrics.recall(ranking, gold, DEPTH)
    figures[f"{level}.ndcg@{DEPTH}"] = metrics.ndcg(ranking, gold, DEPTH)
    for k in PRECISION_DEPTHS:
        figures[f"{level}.precision@{k}"] = metrics.precision(ranking, gold, k)
    return figures


def _answer_figures(question: Question, result: Result, answer: str) -> dict[str, float]:
    abstained = result.status not in GIVEN
    figures = {"answer.given" if question.answerable else "answer.withheld": 1.0}
    if abstained == question.answerable:
        figures = dict.fromkeys(figures, 0.0)
    if question.status:
        figures["answer.status"] = float(result.status == question.status)
    if question.tools:
        figures["answer.tools"] = float(set(question.tools) <= set(result.tools))
    if question.must_contain or question.must_not_contain or question.must_match:
        figures["answer.checks"] = answer_metrics.meets_checks(
            answer,
            must_contain=question.must_contain,
            must_not_contain=question.must_not_contain,
            must_match=question.must_match,
        )
    if question.answer and question.answerable:
        figures["answer.f1"] = answer_metrics.token_f1(answer, question.answer)
        figures["answer.completeness"] = answer_metrics.completeness(answer, question.answer)
        agrees = answer_metrics.agrees_yes_no(answer, question.answer)
        if agrees is not None:
            figures["answer.yes_no"] = agrees
    return {name: float(value) for name, value in figures.items()}


def _citation_figures(question: Question, result: Result, answer: str) -> dict[str, float]:
    texts: defaultdict[int, list[str]] = defaultdict(list)
    for citation in result.citations:
        texts[citation.marker].append(citation.text)
    figures: dict[str, float | None] = {
        "citation.support": answer_metrics.citation_support(answer, texts)
    }
    if result.status in GIVEN:
        sources = [citation.text for citation in result.citations]
        figures["answer.groundedness"] = answer_metrics.groundedness(answer, sources)
    if question.gold and question.answerable:
        cited = {citation.path for citation in result.citations}
        figures["citation.recall"] = len(cited & question.gold_pages) / len(question.gold_pages)
        if cited:
            figures["citation.precision"] = len(cited & question.gold_pages) / len(cited)
    if result.citations:
        figures["citation.resolves"] = fmean(cite.resolves for cite in result.citations)
    if result.problems:
        figures["citation.supported"] = fmean(problem is None for problem in result.problems)
    return {name: value for name, value in figures.items() if value is not None}
