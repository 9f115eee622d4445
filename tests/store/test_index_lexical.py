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
        ("django.db.models", "Import it from `django.db.models`."),
        ("3.11.2", "Since version 3.11.2, that is so."),
        ("x-logo", "`x-logo` is an extension"),
        ("std::vector", "a std::vector<int>"),
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


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("--no-cache", "The cache has no limit."),
        ("django.db.models", "Models of Django, and its db."),
        ("3.11.2", "2 of 3, or 11"),
        ("create_engine", "To create an engine"),
        ("x-logo", "logo x"),
    ],
)
def test_a_name_as_a_whole_is_a_term_beside_its_parts(name: str, parts: str) -> None:
    assert shared(name, f"It is {name}.") > shared(name, parts)


def test_a_sentence_that_ends_in_a_name_has_that_name() -> None:
    assert shared("--force", "Use --force.") == shared("--force", "--force") > 0
