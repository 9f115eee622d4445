"""What is stored about an answer, and what a reader sees when the docs have none."""

import pytest

from server.agent.turn import Turn
from store.records import ScoredPassage
from tests.server.sections import section
from tests.server.test_answer_stream import answer_stream, said


def searched(*headings: str, score: float) -> Turn:
    turn = Turn(score=score, queries=["how to run"], support_url="https://help.example/ask")
    found = [section(heading) for heading in headings]
    turn.evidence.add(found)
    turn.remember([ScoredPassage(passage, score=1.0, similarity=0.5) for passage in found])
    return turn


def test_the_record_tells_each_citation_and_its_check() -> None:
    stream = answer_stream(searched("Run", "Stop", score=0.9))
    text = "How to run [1]. A whale is the largest animal of the sea [2]. Never [9]."
    for event in said(text):
        list(stream.convert(event))
    list(stream.finish())
    record = stream.record()
    assert record["status"] == "answered"
    assert [kept["problem"] for kept in record["citations"]] == [None, "words"]
    assert record["citations"][0]["url"].endswith("#run")
    assert record["citations_dropped"] == 1
    assert stream.record(failed=True)["status"] == "error"


@pytest.mark.parametrize(("score", "cards"), [(0.4, 1), (0.1, 0)])
def test_what_the_docs_lack_leaves_the_nearest_pages_and_where_to_ask(
    score: float, cards: int
) -> None:
    stream = answer_stream(searched("Run", "Stop", score=score))
    shown = [event for event in said("The docs don't say [0].") for event in stream.convert(event)]
    shown += stream.finish()
    replaced = [event for event in shown if event.type == "thread.item.replaced"]
    assert len(replaced) == cards
    for event in replaced:
        written = event.model_dump_json()
        assert "The nearest pages" in written
        assert "https://help.example/ask" in written


def test_a_failure_leaves_no_nearest_pages() -> None:
    stream = answer_stream(searched("Run", score=0.4))
    for event in said("The docs don't say [0]."):
        list(stream.convert(event))
    # The message is shown when it is stored, with what else the answer ends with.
    shown = [event.type for event in stream.finish(failed=True)]
    assert shown == ["thread.item.done", "thread.item.removed"]
