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


def test_citations_that_lead_nowhere_are_counted() -> None:
    def cite(marker: int, *, resolves: bool) -> Cited:
        return Cited(marker, "a.md", "x", "/a#x", resolves=resolves, text="")

    seen = Result(
        id="q",
        question="How?",
        answer="Yes [1][2].",
        citations=(cite(1, resolves=True), cite(2, resolves=False)),
        status="answered",
    )
    scores = score([question("q", Gold(path="a.md"))], [seen])
    assert scores.citations == 2
    assert scores.broken_citations == 1
