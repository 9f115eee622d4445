"""What is embedded and what BM25 sees."""

import pytest

from ingest.indexed_text import embedded_text, embedded_words, heading_line, lexical_text
from tests.ingest.golden import golden_cases


@pytest.mark.parametrize(("text", "expected"), golden_cases("indexed_text.md"))
def test_words(text: str, expected: str) -> None:
    assert embedded_words(text) + "\n" == expected


def test_the_headings_stand_in_front() -> None:
    assert embedded_text(("Guide", "Install"), "Run *it*.") == "Guide > Install\nRun it."


def test_code_keeps_its_punctuation_for_bm25() -> None:
    code = 'Call:\n\n```py\napp.get("/items")\n```'
    assert lexical_text(("Guide",), code) == 'Guide\nCall:\napp.get("/items")'


def test_a_long_heading_path_keeps_its_ends() -> None:
    path = ("Guide", "A chapter " * 8, "A section " * 12, "The last heading")
    assert heading_line(path) == "Guide > The last heading"


def test_one_endless_heading_is_cut() -> None:
    assert len(heading_line(("Guide", "x" * 1000))) <= 120
