import json
from collections.abc import AsyncIterator, Sequence
from typing import Literal

import pytest

from evals.clustering import cluster
from evals.gaps import GapReport, find_gaps
from evals.reports.gaps import gaps_html, gaps_json, gaps_markdown
from store.ports import Vector
from store.records import Passage, ScoredPassage
from store.threads.review import ReviewedThread
from tests.contract.conversations import a_conversation, answers, asks, ends

SUBJECTS = ("slack", "port", "weather")


class SubjectEmbedder:
    """Texts that name the same subject are near to each other."""

    name = "subjects"
    dimension = len(SUBJECTS) + 1
    max_tokens = 100
    tokens_embedded = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        return [self._vector(text.lower()) for text in texts]

    def _vector(self, text: str) -> Vector:
        found = [float(subject in text) for subject in SUBJECTS]
        rest = 0.1 * (len(text) % 5)
        length = (sum(found) + rest**2) ** 0.5 or 1
        return [value / length for value in (*found, rest)]

    async def close(self) -> None:
        pass


class NearestRetriever:
    async def search(self, query: str, *, limit: int) -> list[ScoredPassage]:
        places = [("chat/slack.md", 0), ("chat/slack.md", 1), ("config.md", 0)]
        return [
            ScoredPassage(
                Passage(
                    id=f"{path}/{position}",
                    path=path,
                    title="Page",
                    heading_path=("Page", f"Part {position}"),
                    anchor="part",
                    url=f"/docs/{path}#part",
                    text="Text.",
                    position=position,
                    start_line=1,
                    end_line=1,
                    tokens=1,
                ),
                1.0,
            )
            for path, position in places[:limit]
        ]


def lacking(number: int, user: str, text: str, status: str, day: int = 21) -> ReviewedThread:
    name = f"thr_{number}"
    return a_conversation(
        asks("1", text, thread=name, day=day),
        answers("1", "Hm.", thread=name),
        ends("1", thread=name, status=status),
        user=user,
    )


def downvoted(number: int, user: str, text: str) -> ReviewedThread:
    name = f"thr_{number}"
    answered = answers("1", "So.", "/docs/x", thread=name)
    return a_conversation(asks("1", text, thread=name), answered, user=user, answer_1="negative")


THREADS = [
    lacking(1, "alice", "Which <b>port</b>?", "not_found"),
    lacking(2, "alice", "what port is it", "not_found"),
    lacking(3, "alice", "port number?", "partial", day=3),
    lacking(4, "bob", "Slack bot?", "not_found"),
    downvoted(5, "carol", "is there slack"),
    lacking(6, "dave", "Weather?", "off_topic"),
    lacking(7, "dave", "A good port?", "answered"),
]


async def each(threads: Sequence[ReviewedThread]) -> AsyncIterator[ReviewedThread]:
    for thread in threads:
        yield thread


@pytest.fixture
async def report() -> GapReport:
    return await find_gaps(each(THREADS), SubjectEmbedder(), NearestRetriever(), docs="the docs")


async def test_gaps_are_ranked_by_readers_and_not_by_questions(report: GapReport) -> None:
    slack, port = report.gaps
    assert (slack.users, slack.times) == (2, 2)
    assert slack.reasons == {"not_found": 1, "downvoted": 1}
    assert (port.users, port.times) == (1, 3)
    assert port.reasons == {"not_found": 2, "partial": 1}
    assert set(port.wordings) == {"Which <b>port</b>?", "what port is it", "port number?"}
    assert sorted(port.threads) == ["thr_1", "thr_2", "thr_3"]
    assert port.last_asked.day == 21
    assert (report.questions, report.users, report.unanswered) == (7, 4, 5)


async def test_a_gap_names_the_pages_and_files_that_are_nearest(report: GapReport) -> None:
    pages = report.gaps[0].nearest
    assert [(page.source, page.heading) for page in pages] == [
        ("the docs/chat/slack.md", "Part 0"),
        ("the docs/config.md", "Part 0"),
    ]


async def test_a_follow_up_is_told_with_its_subject() -> None:
    thread = a_conversation(
        asks("1", "How do I install the slack bot?"),
        answers("1", "So.", "/docs/x"),
        asks("2", "and on windows?"),
        answers("2", "The docs don't say."),
    )
    report = await find_gaps(each([thread]), SubjectEmbedder(), NearestRetriever(), docs="docs")
    [gap] = report.gaps
    assert gap.question.startswith("and on windows?")
    assert "slack" in gap.question


async def test_nothing_asked_is_no_gap() -> None:
    report = await find_gaps(each([]), SubjectEmbedder(), NearestRetriever(), docs="docs")
    assert report == GapReport((), 0, 0, 0)
    assert "0 of 0 questions" in gaps_markdown(report)


async def test_reports_say_the_same_and_escape_what_readers_wrote(report: GapReport) -> None:
    markdown, page, data = gaps_markdown(report), gaps_html(report), json.loads(gaps_json(report))
    assert "2 readers, 1 × voted down, 1 × not found; last on 2026-11-21." in markdown
    assert [gap["users"] for gap in data["gaps"]] == [2, 1]
    assert data["gaps"][1]["last_asked"] == "2026-11-21"
    assert "Which &lt;b>port" in markdown
    assert "Which <b>" not in page
    assert "the docs/chat/slack.md" in page
    assert "://" not in page


def test_clusters_begin_with_the_most_typical() -> None:
    vectors = [[1.0, 0.0], [0.8, 0.6], [0.96, 0.28], [0.0, 1.0]]
    assert cluster(vectors, similarity=0.7) == [[2, 0, 1], [3]]
    assert cluster(vectors, similarity=1.0) == [[0], [1], [2], [3]]
    assert cluster([], similarity=0.5) == []
