import pytest

from evals.conversations import asked_questions
from evals.results import Status
from server.agent.answers import Exchange
from tests.contract.conversations import a_conversation, answers, asks, ends


def test_questions_come_with_what_was_said_before() -> None:
    thread = a_conversation(
        asks("1", "How do I run it?"),
        answers("1", "With make.", "/docs/start#run", "/docs/start#run", "/docs/faq"),
        ends("1"),
        asks("2", "And in Docker?"),
        ends("2", turn="failed"),
        asks("3", "And on Windows?"),
        answers("3", "The docs don't say."),
        answer_3="positive",
    )
    first, second, third = asked_questions(thread)
    assert first.cited == ("/docs/start#run", "/docs/faq")
    assert (first.outcome, second.outcome, third.outcome) == ("answered", "error", "not_found")
    assert first.history == ()
    # What has no answer is nothing to refer to.
    assert second.history == third.history == (Exchange("How do I run it?", "With make."),)
    assert (first.feedback, third.feedback) == (None, "positive")


@pytest.mark.parametrize("status", ["answered", "partial", "not_found"])
def test_a_stored_status_counts_more_than_citations(status: Status) -> None:
    turn = asks("1", "How?"), answers("1", "So.", "/docs/start"), ends("1", status=status)
    [asked] = asked_questions(a_conversation(*turn))
    assert asked.outcome == status


def test_a_question_without_words_is_none() -> None:
    assert list(asked_questions(a_conversation(asks("1", " "), answers("1", "Hm?")))) == []
