"""Whether a passage holds the claim that cites it."""

import pytest

from server.answer.support import claim_before, support_problem
from tests.contract.passages import make_passage

RETRIES = make_passage(
    "A job that fails is tried again up to `MAX_RETRIES` times. The delay doubles after each "
    "attempt, from 2 seconds to 10 minutes.\n\n"
    "Workers are not restarted when the database is migrated.\n\n"
    "```bash\nqueue retry --all --limit 1,000\n```\n",
    name="retries",
    headings=("Guide", "Retries"),
)


@pytest.mark.parametrize(
    "claim",
    [
        "A failing job is retried up to MAX_RETRIES times.",
        "The delay doubles after every attempt, from 2 seconds to 10 minutes.",
        "Run `queue retry --all` to retry them.",
        "1. The delay doubles.",
        "Retry at most 1000 jobs: `queue retry --limit`",
        "Workers aren't restarted when the database is migrated.",
        "No, the workers are not restarted when the database is migrated.",
        "Die Wartezeit verdoppelt sich nach jedem Versuch bis auf 10 Minuten.",
        "作业失败后会重试。",
        "Yes.",
    ],
)
def test_what_the_passage_says_is_supported(claim: str) -> None:
    assert support_problem(claim, [RETRIES]) is None


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        ("The delay doubles, from 3 seconds to 10 minutes.", "number"),
        ("A failing job is retried up to MAX_ATTEMPTS times.", "identifier"),
        ("Run `queue purge` to delete failing jobs.", "identifier"),
        ("Die Wartezeit verdoppelt sich bis auf 15 Minuten.", "number"),
        ("Workers are restarted when the database is migrated.", "negation"),
        ("Install the package with your favourite installer first.", "words"),
        ("", "empty"),
    ],
)
def test_what_it_does_not_say_is_told_with_the_reason(claim: str, problem: str) -> None:
    assert support_problem(claim, [RETRIES]) == problem


def test_passages_may_support_a_claim_together() -> None:
    other = make_passage("The dead letter queue keeps jobs for 30 days.", name="dead")
    claim = "The delay grows to 10 minutes, and the dead letter queue keeps jobs for 30 days."
    assert support_problem(claim, [RETRIES]) == "number"
    assert support_problem(claim, [RETRIES, other]) is None


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("First one. Then the second", "Then the second"),
        ("First one. Then the second. ", "Then the second."),
        ("Intro:\n\n- one thing\n- another thing", "another thing"),
        ("Intro:\n1. one thing\n2. another thing", "another thing"),
        ("Run this:\n\n```sh\nmake serve\n```\n\n", "sh\nmake serve"),
        ("", ""),
    ],
)
def test_a_citation_is_for_the_sentence_in_front_of_it(text: str, claim: str) -> None:
    assert claim_before(text, 0, len(text)) == claim


def test_a_second_citation_is_for_what_comes_after_the_first() -> None:
    text = "The delay doubles after each attempt, and dead jobs move to another queue"
    first = text.index(", and")
    assert claim_before(text, 0, first) == "The delay doubles after each attempt"
    assert claim_before(text, first, len(text)) == ", and dead jobs move to another queue"


def test_what_is_too_short_to_stand_alone_is_taken_with_its_sentence() -> None:
    text = "The delay doubles after each attempt, always"
    assert claim_before(text, text.index(","), len(text)) == text
