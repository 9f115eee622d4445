from dataclasses import replace

import pytest

from evals.questions import Gold, Question
from evals.results import Cited, Result, Retrieved, Status
from evals.scoring import score


def question(name: str, *gold: Gold) -> Question:
    return Question(id=name, question="How?", gold=gold)


def found(*places: tuple[str, str]) -> tuple[Retrieved, ...]:
    return tuple(
        Retrieved(rank=rank, path=path, anchor=anchor, url=f"/{path}#{anchor}", score=1 / rank)
        for rank, (path, anchor) in enumerate(places, start=1)
    )


def result(name: str, *places: tuple[str, str], status: Status | None = None) -> Result:
    return Result(id=name, question="How?", retrieved=found(*places), status=status)


def test_passages_of_one_page_hold_one_rank() -> None:
    asked = [question("q", Gold(path="b.md"), Gold(path="c.md"))]
    seen = [result("q", ("a.md", "1"), ("a.md", "2"), ("b.md", "1"))]
    figures = score(asked, seen).rows[0].figures
    assert figures["page.hit@1"] == 0
    assert figures["page.mrr@10"] == 1 / 2
    assert figures["page.recall@10"] == 1 / 2
    assert "section.hit@1" not in figures


def test_sections_count_only_where_gold_names_them() -> None:
    asked = [question("q", Gold(path="a.md"), Gold(path="b.md", anchor="2"))]
    seen = [result("q", ("a.md", "1"), ("b.md", "1"), ("b.md", "2"))]
    figures = score(asked, seen).rows[0].figures
    assert figures["page.mrr@10"] == 1
    assert figures["section.mrr@10"] == pytest.approx(1 / 3)
    assert figures["section.recall@10"] == 1


def test_passages_count_by_their_words_where_gold_gives_them() -> None:
    asked = [question("q", Gold(path="a.md", text="port  8000"), Gold(path="a.md", text="HOST"))]
    places = found(("b.md", "1"), ("a.md", "1"), ("a.md", "2"))
    texts = ("On port 8000.", "It is another.", "It listens on Port\n8000.")
    seen = Result(
        id="q",
        question="How?",
        retrieved=tuple(
            replace(place, text=text) for place, text in zip(places, texts, strict=True)
        ),
    )
    figures = score(asked, [seen]).rows[0].figures
    assert figures["passage.mrr@10"] == pytest.approx(1 / 3)
    assert figures["passage.recall@10"] == 1 / 2
    assert figures["page.mrr@10"] == 1 / 2


def test_what_answers_cost_is_summed() -> None:
    asked = [question("a"), question("b"), question("c")]
    seen = [Result(id=name, question="How?", cost=cost) for name, cost in (("a", 0.1), ("b", 0.3))]
    totals = score(asked, [*seen, Result(id="c", question="How?")]).totals
    assert totals["cost"] == pytest.approx(0.4)
    assert totals["cost.answer.p50"] == pytest.approx(0.2)
    assert "cost" not in score(asked, [Result(id="c", question="How?")]).totals


def test_unanswerable_and_failed_questions_are_left_out_of_the_means() -> None:
    asked = [
        question("hit", Gold(path="a.md")),
        question("none"),
        question("failed", Gold(path="a.md")),
    ]
    seen = [
        result("hit", ("a.md", "")),
        result("none", ("a.md", "")),
        Result(id="failed", question="How?", status="error", error="ValueError: x"),
    ]
    scores = score(asked, seen)
    assert scores.means["page.hit@1"].value == 1
    assert scores.means["page.hit@1"].count == 1
    assert [failure.id for failure in scores.failures] == ["failed"]


def test_outcomes_tell_abstention_both_ways() -> None:
    asked = [question("a", Gold(path="a.md")), question("b", Gold(path="a.md")), question("c")]
    seen = [
        result("a", status="answered"),
        result("b", status="not_found"),
        result("c", status="not_found"),
    ]
    outcomes = score(asked, seen).outcomes
    assert outcomes == {(True, "answered"): 1, (True, "not_found"): 1, (False, "not_found"): 1}


def cite(marker: int, path: str, text: str = "", *, resolves: bool = True) -> Cited:
    return Cited(marker, path, "x", f"/{path}#x", resolves=resolves, text=text)


def answered(answer: str, *citations: Cited, status: Status = "answered") -> Result:
    return Result(id="q", question="How?", answer=answer, citations=citations, status=status)


def test_citations_against_gold_and_against_what_they_cite() -> None:
    asked = question("q", Gold(path="a.md"), Gold(path="b.md"))
    seen = answered(
        "Open port 8000 [1]. Restart twice [2].",
        cite(1, "a.md", "The port to open is 8000."),
        cite(2, "c.md", "Restart it.", resolves=False),
    )
    scores = score([asked], [seen])
    figures = scores.rows[0].figures
    assert figures["citation.precision"] == 1 / 2
    assert figures["citation.recall"] == 1 / 2
    assert figures["citation.resolves"] == 1 / 2
    assert figures["citation.support"] == pytest.approx((1 + 1 / 2) / 2)
    assert "citation.supported" not in figures
    assert scores.totals["citations"] == 2
    assert scores.totals["citations.broken"] == 1
    checked = score([asked], [replace(seen, problems=(None, "number", None, None))])
    assert checked.rows[0].figures["citation.supported"] == 3 / 4


def test_answer_is_measured_against_the_reference_and_the_checks() -> None:
    asked = Question(
        id="q",
        question="Can I?",
        gold=(Gold(path="a.md"),),
        answer="Yes: port 8000.",
        must_contain=("8000",),
        status="partial",
    )
    figures = score([asked], [answered("Yes: port 8000 [1].", cite(1, "a.md"))]).rows[0].figures
    assert figures["answer.f1"] == 1
    assert figures["answer.completeness"] == 1
    assert figures["answer.yes_no"] == 1
    assert figures["answer.checks"] == 1
    assert figures["answer.given"] == 1
    assert figures["answer.status"] == 0


@pytest.mark.parametrize(
    ("gold", "status", "figure", "value"),
    [
        ((Gold(path="a.md"),), "partial", "answer.given", 1),
        ((Gold(path="a.md"),), "not_found", "answer.given", 0),
        ((), "not_found", "answer.withheld", 1),
        ((), "answered", "answer.withheld", 0),
    ],
)
def test_abstention_is_measured_both_ways(
    gold: tuple[Gold, ...], status: Status, figure: str, value: float
) -> None:
    figures = score([question("q", *gold)], [answered("It.", status=status)]).rows[0].figures
    assert figures[figure] == value
    assert len({"answer.given", "answer.withheld"} & figures.keys()) == 1


def test_require_all_hits_only_when_every_gold_page_is_there() -> None:
    asked = Question(
        id="q", question="?", gold=(Gold(path="a.md"), Gold(path="c.md")), require="all"
    )
    seen = [result("q", ("a.md", ""), ("b.md", ""), ("c.md", ""))]
    figures = score([asked], seen).rows[0].figures
    assert (figures["page.hit@1"], figures["page.hit@3"]) == (0, 1)


def test_means_are_weighted_and_times_are_percentiles() -> None:
    asked = [
        Question(id="a", question="?", gold=(Gold(path="a.md"),), weight=3),
        question("b", Gold(path="b.md")),
    ]
    seen = [
        Result(id="a", question="?", retrieved=found(("a.md", "")), seconds={"search": 0.1}),
        Result(id="b", question="?", retrieved=found(("a.md", "")), seconds={"search": 0.3}),
    ]
    scores = score(asked, seen)
    assert scores.means["page.hit@1"].value == 3 / 4
    assert scores.totals["seconds.search.p50"] == pytest.approx(0.2)
    assert scores.totals["seconds.search.p95"] == pytest.approx(0.29)


def test_every_expected_tool_must_be_called() -> None:
    asked = Question(id="q", question="How?", gold=(), tools=("search_docs", "read_page"))
    both, one = ("read_page", "search_docs", "search_docs"), ("search_docs",)
    rows = [Result(id="q", question="How?", answer="So.", tools=tools) for tools in (both, one)]
    assert [score([asked], [row]).rows[0].figures["answer.tools"] for row in rows] == [1, 0]


def test_times_and_tokens_are_told_by_percentile() -> None:
    results = [
        Result(id=f"q{n}", question="How?", seconds={"total": n / 10}, tokens={"input": n})
        for n in range(101)
    ]
    totals = score([question(found.id) for found in results], results).totals
    assert (totals["tokens.input.p50"], totals["tokens.input.p95"]) == (50, 95)
    assert totals["seconds.total.p95"] == pytest.approx(9.5)


@pytest.mark.parametrize("status", ["not_found", "off_topic"])
def test_an_answer_can_be_withheld_in_two_ways(status: Status) -> None:
    asked = Question(id="q", question="How?", gold=(), status="off_topic")
    seen = Result(id="q", question="How?", answer="Not here.", status=status)
    figures = score([asked], [seen]).rows[0].figures
    assert figures["answer.withheld"] == 1
    assert figures["answer.status"] == (status == "off_topic")


def test_a_question_that_is_asked_again_has_the_mean_of_its_figures() -> None:
    asked = question("q", Gold(path="a.md"))
    statuses: list[Status] = ["answered", "answered", "not_found", "error"]
    results = [
        Result(id="q", question="How?", answer="So.", status=status, attempt=number)
        for number, status in enumerate(statuses, start=1)
    ]
    scores = score([asked], results)
    [row] = scores.rows
    assert row.figures["answer.given"] == pytest.approx(2 / 3)
    assert row.figures["answer.steady"] == pytest.approx(2 / 3)
    assert scores.means["answer.given"].count == 1
    assert [failure.attempt for failure in scores.failures] == [4]
    assert scores.outcomes[True, "answered"] == 2
