"""The page that an evaluation writes, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from evals.questions import Gold, Question
from evals.record import Conditions, make_record
from evals.report import Report
from evals.reports.html import html_report
from evals.results import Result, Retrieved
from evals.scoring import score

pytestmark = pytest.mark.browser


@pytest.fixture
def report_page(page: Page, tmp_path: Path) -> Page:
    questions = [
        Question(id=name, question=text, gold=(Gold(path="a.md"),))
        for name, text in (("found", "How do I start it?"), ("missed", "Why does it stop?"))
    ]
    results = [
        Result(
            id=question.id,
            question=question.question,
            retrieved=(Retrieved(1, path, "", path, 1.0),),
            seconds={"search": 0.1},
        )
        for question, path in zip(questions, ("a.md", "b.md"), strict=True)
    ]
    conditions = Conditions(
        corpus="c" * 64,
        pages=1,
        passages=1,
        embedder="minilm",
        chunker="v1",
        model="none",
        scope="retrieval",
    )
    scores = score(questions, results)
    report = Report("mine", scores, make_record(scores, conditions), None, (), 0.95)
    (tmp_path / "report.html").write_text(html_report(report), encoding="utf-8")
    page.goto((tmp_path / "report.html").as_uri())
    return page


def test_a_filter_shows_its_questions_and_all_shows_every_one(report_page: Page) -> None:
    rows = report_page.locator(".question:visible")
    expect(rows).to_have_count(2)
    report_page.get_by_role("button", name="not found among ten").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Why does it stop?")
    expect(report_page.get_by_role("status")).to_have_text("1 shown")
    report_page.get_by_role("button", name="all").click()
    expect(rows).to_have_count(2)


def test_the_search_looks_at_the_questions(report_page: Page) -> None:
    report_page.get_by_role("searchbox").fill("START it")
    expect(report_page.locator(".question:visible")).to_have_count(1)
    expect(report_page.locator(".question:visible")).to_contain_text("How do I start it?")


def test_a_question_opens_on_what_was_retrieved(report_page: Page) -> None:
    report_page.get_by_text("Why does it stop?").click()
    opened = report_page.locator(".question[open]")
    expect(opened.get_by_text("b.md")).to_be_visible()
