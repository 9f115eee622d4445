"""Reading Markdown: the golden cases, and what no input may break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.anchors.github import github_slugger
from ingest.document import Document
from ingest.readers.markdown import read_markdown
from tests.ingest.golden import golden_cases, outline


def read(path: str, text: str) -> Document:
    return read_markdown(path, text, github_slugger())


@pytest.mark.parametrize(
    ("text", "expected"), golden_cases("reading.md") + golden_cases("generators.md")
)
def test_reading(text: str, expected: str) -> None:
    assert outline(read("getting-started.md", text)) == expected


@pytest.mark.parametrize(
    ("path", "title"),
    [("getting-started.md", "Getting started"), ("api/index.md", "Api"), ("README.md", "README")],
)
def test_title_from_the_path(path: str, title: str) -> None:
    assert read(path, "text").title == title


def test_any_line_ending_counts_as_one_line() -> None:
    document = read("a.md", "# A\r\n\r\ntext\r\r## B\n")
    assert [content.section.line for content in document.sections] == [1, 5]


def test_deep_nesting_keeps_the_text() -> None:
    document = read("a.md", "# A\n\n" + "> " * 500 + "deep\n\n" + "- " * 500 + "deeper")
    assert "deep" in document.sections[0].blocks[0].text
    assert "deeper" in document.sections[0].blocks[1].text


@given(st.text(alphabet="#-=`~>|*_[](){}<!:\\ \t\n\r\0aé中1.", max_size=300))
def test_reading_never_fails(text: str) -> None:
    document = read("a.md", text)
    assert document.title or not text
    for content in document.sections:
        for block in content.blocks:
            assert 1 <= block.start_line <= block.end_line <= document.text.count("\n") + 1
