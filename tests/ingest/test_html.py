"""Reading the HTML of built sites."""

import pytest

from ingest.anchors.github import github_slugger
from ingest.document import Document
from tests.ingest.golden import golden_cases

pytest.importorskip("selectolax")


def read(text: str) -> Document:
    from ingest.readers.html import read_html

    return read_html("guide.html", text, github_slugger())


def in_words(document: Document) -> str:
    return f"title: {document.title}\n{document.text}"


@pytest.mark.parametrize(("text", "expected"), golden_cases("html.md"))
def test_html(text: str, expected: str) -> None:
    assert in_words(read(text)) == expected


def test_an_empty_page() -> None:
    assert read("").sections == ()


def test_deep_nesting_is_no_error() -> None:
    assert "deep" in read("<div>" * 400 + "<p>deep</p>").text
