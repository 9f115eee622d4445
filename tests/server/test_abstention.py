"""How good evidence is told, and what an answer is for it."""

import pytest

from server.agent.answers import answer_status
from server.agent.turn import Turn
from server.answer.answer_text import AnswerText
from server.search.abstention import (
    DEFAULT_THRESHOLD,
    EvidenceMeasures,
    evidence_measures,
    evidence_score,
    is_off_topic,
)
from store.records import ScoredPassage
from tests.contract.passages import make_passage

PORT = make_passage("Set `PORT` to change the port that the server listens on.", name="port")
THREADS = make_passage("Threads are kept in SQLite. A backup is a copy.", name="threads")


def found(*similarities: float | None) -> list[ScoredPassage]:
    passages = [PORT, THREADS] * len(similarities)
    return [
        ScoredPassage(passage, score=1.0, similarity=similarity)
        for passage, similarity in zip(passages, similarities, strict=False)
    ]


def test_near_passages_with_the_questions_words_are_good() -> None:
    results = found(0.5, 0.5, 0.5, 0.1)
    measures = evidence_measures("How do I change the port?", results)
    assert measures == EvidenceMeasures(near=0.5, words=1.0)
    assert evidence_score("How do I change the port?", results) > DEFAULT_THRESHOLD


def test_passages_that_only_share_words_are_not() -> None:
    assert evidence_score("a copy of the port that a server has", found(0.1, 0.1)) < 0.3


def test_passages_that_are_only_near_are_not() -> None:
    assert evidence_score("Wie backt man Brot?", found(0.5, 0.5)) < DEFAULT_THRESHOLD


def test_rarer_words_that_are_missing_count_for_more() -> None:
    common = evidence_score("set the thing", found(0.4))
    rare = evidence_score("set the kubelet", found(0.4))
    assert rare < common


def test_misspelled_words_are_found() -> None:
    assert evidence_measures("backpu of theads", found(0.4, 0.4)).words == 1.0


def test_the_best_results_count_wherever_they_stand() -> None:
    first, last = found(0.1, 0.7), found(0.7, 0.1)
    assert evidence_score("port", first) == evidence_score("port", last)


def test_without_vectors_words_alone_count() -> None:
    assert evidence_score("How do I change the port?", found(None)) > DEFAULT_THRESHOLD
    assert evidence_score("Which wine goes with fish?", found(None)) < DEFAULT_THRESHOLD


def test_nothing_found_is_no_evidence() -> None:
    assert evidence_score("port", []) == 0.0


@pytest.mark.parametrize(
    ("text", "score", "status"),
    [
        ("Set `PORT` to change the port [1].", 0.9, "answered"),
        ("Set `PORT` to change the port [1]. Not why [0].", 0.9, "partial"),
        # What is cited does not hold what is said.
        ("The colour of the sky is blue in summer [1].", 0.9, "partial"),
        ("The colour of the sky is blue in summer [1].", 0.4, "not_found"),
        # A citation that holds its sentence is worth more than the search's doubt.
        ("Set `PORT` to change the port [1].", 0.2, "answered"),
        ("The docs don't say [0].", 0.9, "not_found"),
        ("Surely it is so.", 0.4, "not_found"),
        ("Surely it is so [7].", 0.05, "off_topic"),
        ("Hello!", None, "off_topic"),
    ],
)
def test_the_status_rests_on_scores_and_support(
    text: str, score: float | None, status: str
) -> None:
    turn = Turn(score=score)
    turn.evidence.add([PORT])
    answer = AnswerText(turn.evidence, turn.rules)
    answer.feed(text)
    answer.finish()
    assert answer_status(turn, [answer]) == status


def test_the_best_of_several_searches_counts() -> None:
    turn = Turn()
    assert not turn.has_evidence
    assert turn.rate(0.9, threshold=0.6)
    assert not turn.rate(0.2, threshold=0.6)
    assert turn.has_evidence


def test_far_below_the_threshold_is_off_topic() -> None:
    assert is_off_topic(0.05, threshold=0.6)
    assert not is_off_topic(0.4, threshold=0.6)
