import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from evals.compare import compare
from evals.gates import Gate, Gates, judge
from evals.questions import Gold, Question
from evals.record import Conditions, make_record
from evals.report import Report
from evals.reports.console import print_report
from evals.reports.html import html_report
from evals.reports.junit import junit_report
from evals.reports.markdown import markdown_report
from evals.results import Cited, Result, Retrieved
from evals.scoring import score

CONDITIONS = Conditions(
    corpus="c" * 64,
    pages=3,
    passages=30,
    embedder="minilm",
    chunker="v1",
    model="offline",
    scope="assistant",
)
HOSTILE = "<img src=x onerror=alert(1)> | `a` \x1b[31m & done"
QUESTIONS = [
    Question(id="found", question="How do I start?", gold=(Gold(path="a.md", anchor="start"),)),
    Question(id="lost", question=HOSTILE, gold=(Gold(path="b.md"),), must_contain=("serve",)),
    Question(id="none", question="Is there an app?", gold=()),
    Question(id="crash", question="Why?", gold=(Gold(path="a.md"),)),
]


def answered(name: str, text: str, *places: tuple[str, str], broken: bool = False) -> Result:
    question = next(question.question for question in QUESTIONS if question.id == name)
    return Result(
        id=name,
        question=question,
        retrieved=tuple(
            Retrieved(rank, path, anchor, f"/{path}#{anchor}", 1 / rank)
            for rank, (path, anchor) in enumerate(places, start=1)
        ),
        answer=text,
        citations=tuple(
            Cited(1, path, anchor, f"/{path}", resolves=not broken, text=text)
            for path, anchor in places[:1]
        ),
        status="answered",
        seconds={"search": 0.01, "total": 0.5},
    )


FAILED = Result(id="crash", question="Why?", status="error", error="ValueError: \x00 <b>")
GOOD = [
    answered("found", "Run serve [1].", ("a.md", "start")),
    answered("lost", "Run serve [1].", ("b.md", "")),
    Result(id="none", question="Is there an app?", answer="No word.", status="not_found"),
    answered("crash", "So [1].", ("a.md", "")),
]
BAD = [
    answered("found", "Run it [1].", ("c.md", "x"), ("a.md", "start")),
    answered("lost", HOSTILE, ("c.md", "y"), broken=True),
    answered("none", "Yes [1].", ("a.md", "")),
    FAILED,
]
GATES = Gates(
    figures={
        "page.hit@1": Gate(at_least=0.9, no_worse=True),
        "citations.broken": Gate(at_most=0),
        "page.recall@10": Gate(at_least=0.1),
    }
)


def report_of(results: list[Result], before: list[Result] | None) -> Report:
    scores = score(QUESTIONS, results)
    record = make_record(scores, CONDITIONS)
    earlier = before and make_record(score(QUESTIONS, before), CONDITIONS)
    comparison = compare(earlier, record, confidence=0.95) if earlier else None
    verdicts = tuple(judge(GATES, record, comparison))
    return Report("mine", scores, record, comparison, verdicts, 0.95)


@pytest.fixture
def good() -> Report:
    return report_of(GOOD, None)


@pytest.fixture
def bad() -> Report:
    return report_of(BAD, GOOD)


def test_a_run_passes_by_its_gates_and_without_failures(good: Report, bad: Report) -> None:
    assert good.passed
    assert not bad.passed
    assert not report_of([*GOOD[:3], FAILED], None).passed


def test_what_moved_since_the_baseline(bad: Report) -> None:
    assert bad.worse["found"] == {
        "page.mrr@10": (1, 0.5),
        "section.mrr@10": (1, 0.5),
        "citation.recall": (1, 0),
    }
    assert bad.worse["none"] == {"answer.withheld": (1, 0)}
    assert bad.better == {}
    back = report_of(GOOD, BAD)
    assert back.worse == {}
    assert set(back.better) == {"found", "lost", "none"}


def test_figures_have_intervals_around_their_means(bad: Report) -> None:
    rows = {row.figure: row for row in bad.figures}
    recall = rows["page.recall@10"]
    assert recall.interval.low <= recall.mean <= recall.interval.high
    assert recall.count == 2
    assert recall.change is not None
    kinds = [row.figure.split(".")[0] for row in bad.figures]
    assert kinds == sorted(kinds, key=["page", "section", "answer", "citation"].index)


def test_console_is_plain_when_it_is_no_terminal(bad: Report) -> None:
    output = StringIO()
    print_report(bad, Console(file=output, width=80))
    text = output.getvalue()
    assert "\x1b[1" not in text
    assert "GATE page.hit@1: 0, at least 0.9 wanted" in text
    assert "GATE citations.broken: 1, at most 0 wanted" in text
    assert "crash failed: ValueError:" in text
    assert "1 of 4 questions failed." in text
    [page] = [line.split() for line in text.splitlines() if line.split()[:1] == ["page"]]
    assert page == ["page", "0.000", *["0.500"] * 3, "0.250", "0.500", "0.315", "2"]


def test_markdown_names_gates_changes_and_questions(bad: Report) -> None:
    text = markdown_report(bad)
    assert text.startswith("## Evaluation of mine: failed\n")
    assert "| `citations.broken` | **failed** | 1, at most 0 wanted |" in text
    assert "| `page.recall@10` | passed |" in text
    assert "Worse than the baseline: 3" in text
    assert "<img" not in text
    rows = [line for line in text.splitlines() if line.startswith("| `page.")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) in {4, 5} for row in rows)


def test_markdown_of_many_changes_stays_short() -> None:
    questions = [
        Question(id=f"q{number}", question="?" * 300, gold=(Gold(path="a.md"),))
        for number in range(60)
    ]

    def run(path: str) -> list[Result]:
        place = Retrieved(1, path, "", path, 1.0)
        return [Result(id=q.id, question=q.question, retrieved=(place,)) for q in questions]

    before, now = score(questions, run("a.md")), score(questions, run("b.md"))
    earlier, record = make_record(before, CONDITIONS), make_record(now, CONDITIONS)
    comparison = compare(earlier, record, confidence=0.95)
    text = markdown_report(Report("mine", now, record, comparison, (), 0.95))
    assert "and 50 more" in text
    # A comment on GitHub has at most 65,536 characters.
    assert len(text) < 20_000


def test_junit_has_a_case_for_each_gate_and_question(good: Report, bad: Report) -> None:
    gates, questions = ET.fromstring(junit_report(bad))
    assert [(case.get("name"), [child.tag for child in case]) for case in gates] == [
        ("page.hit@1", ["failure"]),
        ("page.hit@1", []),
        ("citations.broken", ["failure"]),
        ("page.recall@10", []),
    ]
    assert gates.get("failures") == "2"
    assert questions.get("errors") == "1"
    assert questions.get("tests") == "4"
    lost = questions[1]
    failure = lost.find("failure")
    assert failure is not None
    assert "must contain" in (failure.get("message") or "")
    assert "citations lead nowhere: [1]" in (failure.get("message") or "")
    assert HOSTILE.replace("\x1b", "�") in (lost.get("name") or "")
    properties = {item.get("name"): item.get("value") for item in lost.iter("property")}
    assert properties["page.hit@1"] == "0"
    assert junit_report(good).count("<failure") == 0
    skipped = ET.fromstring(junit_report(good))[0].findall("testcase/skipped")
    assert [item.get("message") for item in skipped] == ["there is no baseline to compare with"]


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_one_page_that_fetches_nothing(bad: Report) -> None:
    text = html_report(bad)
    page = Page(text)
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not attributes & {"src", "href", "srcset", "action", "onclick", "onerror"}
    assert {"img", "link", "iframe"}.isdisjoint(tag for tag, _ in page.tags)
    assert "url(" not in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert HOSTILE.split(" | ", maxsplit=1)[0] in page.text


def test_html_marks_each_question_for_the_filters(good: Report, bad: Report) -> None:
    def filters(report: Report) -> list[set[str]]:
        tags = Page(html_report(report)).tags
        return [
            set((attrs["data-filters"] or "").split())
            for tag, attrs in tags
            if tag == "details" and "data-filters" in attrs
        ]

    assert filters(bad) == [{"worse"}, {"worse", "missed"}, {"worse", "invented"}, {"failed"}]
    assert filters(good) == [set(), set(), set(), set()]
    tags = Page(html_report(bad)).tags
    offered = {attrs["data-filter"] for _, attrs in tags if "data-filter" in attrs}
    assert {"worse", "missed", "invented", "failed"} <= offered


def test_html_draws_both_mistakes_over_the_threshold() -> None:
    evidence = {"found": 0.4, "lost": 0.8, "none": 0.6}
    results = [replace(result, evidence=evidence.get(result.id), threshold=0.5) for result in GOOD]
    tags = Page(html_report(report_of(results, None))).tags
    lines = [attrs["points"] for tag, attrs in tags if tag == "polyline"]
    # From nothing refused to all, a step at each score: 0.4 and 0.8 are those of right answers.
    assert "0.0,150.0 150.0,150.0 300.0,75.0 300.0,0.0" in {(line or "").strip() for line in lines}
    assert "0.0,0.0 225.0,0.0 300.0,150.0" in {(line or "").strip() for line in lines}
    [mark] = [attrs for tag, attrs in tags if attrs.get("class") == "mark"]
    assert mark["x1"] == "187.5"


@pytest.mark.parametrize("write", [html_report, junit_report, markdown_report])
def test_a_run_of_the_retrieval_alone_can_be_reported(write: Callable[[Report], str]) -> None:
    place = Retrieved(1, "a.md", "start", "/a", 1.0)
    results = [Result(id=q.id, question=q.question, retrieved=(place,)) for q in QUESTIONS]
    scores = score(QUESTIONS, results)
    record = make_record(scores, CONDITIONS.model_copy(update={"scope": "retrieval"}))
    text = write(Report("mine", scores, record, None, (), 0.95))
    assert "page.hit@1" in text
    assert "an answer is" not in text
