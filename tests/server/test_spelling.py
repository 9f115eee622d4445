"""Words with one slip in them are known again, and other words are not taken for them."""

import pytest

from server.lexical.spelling import correct_spelling, is_misspelling, with_misspelled


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("bakcup", "backup"),
        ("widgit", "widget"),
        ("conect", "connect"),
        ("deletee", "delete"),
        ("licenc", "licens"),
        ("embeding", "embedding"),
    ],
)
def test_one_slip_is_known_again(written: str, meant: str) -> None:
    assert is_misspelling(written, meant)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("redux", "redis"),
        ("port", "sort"),
        ("cache", "ache"),
        ("stream", "streamlit"),
        ("gets", "get"),
        ("abcdef", "abdcfe"),
    ],
)
def test_other_words_are_not(one: str, another: str) -> None:
    assert not is_misspelling(one, another)


def test_only_what_is_asked_for_is_added() -> None:
    found = frozenset({"backup", "thread", "v2024"})
    assert with_misspelled(["bakcup", "thread", "v2O24", "kubelet"], found) == found | {"bakcup"}


TEXTS = [
    "Delete conversations behind nginx.",
    "Python deletes conversations. 备份数据库的方法",
]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Delte converstions behind ngnix", "delete conversations behind nginx"),
        ("minimum pyhton version?", "minimum python version?"),
        # A word that is known in general is meant, and so is one that nothing resembles.
        ("Is the deletion of a kubelet final?", "Is the deletion of a kubelet final?"),
        ("恢复数据库的方法", "恢复数据库的方法"),
        ("", ""),
    ],
)
def test_a_question_is_corrected_by_what_was_found(question: str, meant: str) -> None:
    assert correct_spelling(question, TEXTS) == meant
