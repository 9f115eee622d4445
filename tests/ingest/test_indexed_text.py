"""What is embedded and what BM25 sees."""

import pytest

from ingest.indexed_text import (
    code_languages,
    embedded_words,
    heading_line,
    indexed_texts,
)
from tests.ingest.golden import golden_cases


@pytest.mark.parametrize(("text", "expected"), golden_cases("indexed_text.md"))
def test_words(text: str, expected: str) -> None:
    embedded = indexed_texts((), text).embedded
    assert embedded == f"\n{expected}".rstrip("\n")
    assert embedded_words(text) == embedded.split()


def test_the_headings_stand_in_front() -> None:
    assert indexed_texts(("Guide", "Install"), "Run *it*.").embedded == "Guide > Install\nRun it."


def test_code_keeps_its_punctuation_for_bm25() -> None:
    code = 'Call:\n\n```py\napp.get("/items")\n```'
    assert indexed_texts(("Guide",), code).lexical == 'Guide\nCall:\napp.get("/items")'


def test_a_long_heading_path_keeps_its_ends() -> None:
    path = ("Guide", "A chapter " * 8, "A section " * 12, "The last heading")
    assert heading_line(path) == "Guide > The last heading"


def test_one_endless_heading_is_cut() -> None:
    assert len(heading_line(("Guide", "x" * 1000))) <= 120


@pytest.mark.parametrize(
    ("info", "languages"),
    [
        ("Python", ("python",)),
        ('py title="a.py" hl_lines="1"', ("python",)),
        ("{.sh #id}", ("bash",)),
        ("rust,no_run", ("rust",)),
        ("c++", ("cpp",)),
        ('title="a.py"', ()),
        ("", ()),
    ],
)
def test_a_fence_names_its_language(info: str, languages: tuple[str, ...]) -> None:
    assert code_languages(f"Text:\n\n> ```{info}\n> x\n> ```") == languages


def test_languages_are_named_once_and_in_order() -> None:
    text = "~~~js\n```py\n~~~\n\n- ```sh\n  ls\n  ```\n\n```javascript\n```\n\n`x` ```y"
    assert code_languages(text) == ("javascript", "bash")
