"""Words with one slip in them are known again, and other words are not taken for them."""

import pytest

from server.lexical.spelling import is_misspelling, with_misspelled


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
