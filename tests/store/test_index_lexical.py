"""What BM25 sees of a text."""

import pytest

from store.index.lexical import document_terms, query_terms


def shared(question: str, document: str) -> int:
    return len(set(query_terms(question).indices) & set(document_terms(document).indices))


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("create_engine", "Call create_engine() once."),
        ("engine", "Call create_engine() once."),
        ("effect hook", "useEffectHook runs after rendering."),
        ("--no-cache", "Build with --no-cache."),
        ("HTTP_404", "It answers HTTP_404."),
        ("installing", "Installed packages"),
        ("cafe", "Das Café"),
        ("CAFÉ", "cafe"),
        ("数据库", "如何安装数据库和软件"),
        ("数据库 create_engine", "用create_engine连接数据库"),
        ("検索", "ドキュメント検索エンジン"),
        ("雪", "雪の国"),
        ("ซอฟต์แวร์", "การติดตั้งซอฟต์แวร์"),
        ("版本3.11", "Python 3.11 的版本"),
    ],
)
def test_a_question_meets_the_text_that_says_it(question: str, document: str) -> None:
    assert shared(question, document) == len(query_terms(question).indices)


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("engine", "England"),
        ("数据", "安装软件"),
        ("雪国", "雪の国"),
        ("create_table", "drop_engine"),
    ],
)
def test_a_question_does_not_meet_another_text(question: str, document: str) -> None:
    assert shared(question, document) == 0


@pytest.mark.parametrize("text", ["", " ", "the of and", "???", "\x00", "🎿"])
def test_text_without_terms_has_none(text: str) -> None:
    assert query_terms(text).indices == []
    assert document_terms(text).indices == []


def test_terms_are_distinct_and_weighed() -> None:
    terms = document_terms("engine engine 数据 数据 engine_数据 cache")
    assert len(set(terms.indices)) == len(terms.indices) == len(terms.values)
    assert min(terms.values) > 0
    assert set(query_terms("engine engine cache").values) == {1.0}


def test_more_mentions_weigh_more_and_longer_texts_less() -> None:
    (engine,) = query_terms("engine").indices

    def weight(text: str) -> float:
        terms = document_terms(text)
        return dict(zip(terms.indices, terms.values, strict=True))[engine]

    assert weight("engine engine cache") > weight("engine cache cache")
    assert weight("engine cache") > weight("engine " + "cache " * 100)
