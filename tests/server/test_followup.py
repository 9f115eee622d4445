import pytest

from server.search.followup import contextual_query


def test_a_question_that_names_its_subject_is_searched_as_it_is() -> None:
    assert contextual_query(["How do I  install it?"]).text == "How do I install it?"
    assert (
        contextual_query(["How do I install Footnote?", "Which databases keep the threads?"]).text
        == "Which databases keep the threads?"
    )
    assert (
        contextual_query(
            ["How is it run?", "And which environment variables set the server port?"]
        ).text
        == "And which environment variables set the server port?"
    )


@pytest.mark.parametrize(
    ("before", "now", "query"),
    [
        ("How do I install Footnote?", "And in Docker?", "And in Docker? install Footnote"),
        ("What is a generation?", "How do I delete it?", "How do I delete it? generation"),
        ("Where is `INDEX_DIR` set?", "why?", "why? INDEX_DIR set"),
        ("Can I use Qdrant?", "What about PostgreSQL?", "What about PostgreSQL? Qdrant"),
        ("Wie starte ich den Server?", "Und mit Docker?", "Und mit Docker? starte Server"),
    ],
)
def test_a_follow_up_carries_the_subject_over(before: str, now: str, query: str) -> None:
    assert contextual_query([before, now]).text == query


def test_the_subject_is_carried_through_several_follow_ups() -> None:
    questions = ["How do I install Footnote?", "And in Docker?", "And on Windows?"]

    assert contextual_query(questions).text == "And on Windows? Docker install Footnote"


def test_what_the_reader_points_at_is_searched_too() -> None:
    assert (
        contextual_query(["What does this mean?"], quoted="The manifest is checked.").text
        == "What does this mean? manifest checked"
    )


def test_a_long_subject_is_cut_and_nothing_is_doubled() -> None:
    before = "one1 two2 three3 four4 five5 six6 seven7 eight8 nine9 ten10 eleven11 two2"

    carried = contextual_query([before, "And why?"]).subject.split()

    assert carried == before.split()[:10]


def test_nothing_asked_is_nothing_searched() -> None:
    assert contextual_query([]).text == ""
    assert contextual_query([" \n"]).text == ""
