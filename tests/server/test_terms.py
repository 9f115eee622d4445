import pytest

from server.lexical.terms import stem, stop_words, terms


@pytest.mark.parametrize(
    "family",
    [
        "install installs installed installing installation",
        "configure configures configured configuring configuration",
        "validate validated validating validation validator validators",
        "create creates created creating creation",
        "deploy deployed deploying deployment deployments",
        "query queries queried querying",
        "run runs running",
        "stop stops stopped stopping",
        "dependency dependencies",
        "class classes",
        "box boxes",
        "authenticate authentication",
        "address addresses",
        "exact exactly",
    ],
)
def test_the_forms_of_a_word_share_a_stem(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("state", "status"),
        ("store", "story"),
        ("port", "part"),
        ("string", "strong"),
        ("bus", "bu"),
    ],
)
def test_different_words_keep_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I create_engine?", ["creat", "engin", "createengine"]),
        ("useEffectHook", ["effect", "hook", "useeffecthook"]),
        ("HTTP_404 and HTTPException", ["http", "404", "http404", "http", "exception"]),
        ("--no-cache", ["cach", "nocache"]),
        ("What's the app's name? Don't!", ["app", "nam"]),
        ("What’s it?", []),
        ("向量数据库 Qdrant", ["向量", "量数", "数据", "据库", "qdrant"]),
        ("Wie kann ich das ändern", ["ändern"]),
        ("a I x 7", ["7"]),
    ],
)
def test_content_words_and_identifiers(text: str, expected: list[str]) -> None:
    assert [word for word in terms(text) if word != "httpexception"] == [
        stem(word) if word == "exception" else word for word in expected
    ]


def test_stop_words_are_lower_case_words() -> None:
    assert {"the", "don't", "nicht"} <= stop_words()
    assert all(word == word.lower().strip() != "" and "#" not in word for word in stop_words())
