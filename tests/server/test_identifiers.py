"""Names in a question that stand for exactly one thing."""

import time

import pytest

from server.lexical.identifiers import IdentifierMatcher, identifiers


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How do I call create_engine()?", ["create_engine"]),
        ("Does docker build take --no-cache?", ["--no-cache"]),
        ("What does -v do", ["-v"]),
        ("when is HTTP_404 sent", ["HTTP_404"]),
        ("Is django.db.models.Model new in 3.11.2?", ["django.db.models.Model", "3.11.2"]),
        ("useEffect runs twice. RuntimeError!", ["useEffect", "RuntimeError"]),
        ("`pip install` fails", ["pip install"]),
        ("I get “No module named foo”.", ["No module named foo"]),
        ('It says "Address already in use:"', ["Address already in use"]),
        ("flake8 E501 and E501 again", ["E501"]),
        ("a std::vector<int> in C", ["std::vector"]),
        ("How do I deploy behind a proxy?", []),
        ("如何使用create_engine连接数据库", ["create_engine"]),
        ("", []),
        ("`` and “”", []),
    ],
)
def test_names_are_found_as_written(question: str, names: list[str]) -> None:
    assert identifiers(question) == names


@pytest.mark.parametrize(
    ("name", "text", "has_it"),
    [
        ("create_engine", "Call create_engine(url).", True),
        ("create_engine", "Call my_create_engine(url).", False),
        ("create_engine", "Call create_engines(url).", False),
        ("--no-cache", "docker build --no-cache .", True),
        ("--no-cache", "docker build --no-cached", False),
        ("3.11", "since 3.11.", True),
        ("3.11", "since 13.11", False),
        ("3.11", "since 2.3.11", False),
        ("http_404", "HTTP_404", True),
        ("a.b", "axb", False),
    ],
)
def test_a_name_counts_as_a_whole(name: str, text: str, has_it: bool) -> None:
    assert IdentifierMatcher([name]).share(text) == float(has_it)


def test_each_name_counts_alike() -> None:
    matcher = IdentifierMatcher(["create_engine", "drop_engine"])
    assert matcher.share("create_engine") == 0.5
    assert matcher
    assert not IdentifierMatcher([])


def test_of_a_pasted_traceback_the_first_names_count() -> None:
    pasted = " ".join(f"module_{number}.function_{number}" for number in range(400))
    names = identifiers(pasted)
    assert len(names) == 20
    assert names[0] == "module_0.function_0"


@pytest.mark.parametrize("part", ["a.", "-", "_", "a_", "A1", "`a", "a:/", "aB", "“"])
def test_a_long_message_is_read_at_once(part: str) -> None:
    # Of this thread alone: other work of the machine must not fail it.
    started = time.thread_time()
    identifiers(part * 4_000)
    assert time.thread_time() - started < 0.5
