"""Reading the HTML of built sites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "blockquote"])
def test_deep_nesting_is_no_error(tag: str) -> None:
    document = read(f"<{tag}>" * 5000 + "deep")
    assert "deep" in document.text


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<ul>",
                "<li>",
                "</ul>",
                "<table>",
                "<tr>",
                "<td>",
                "<h2",
                "id=a>",
                "</h2>",
                "<pre>",
                "</pre>",
                "<dl>",
                "<dt>",
                "<dd>",
                "<div",
                "class=admonition>",
                "<b>",
                "</b>",
                "<code>",
                "</code>",
                "<a",
                "name=x>",
                "text",
                "#",
                "*",
                "`",
                "<br>",
                "```",
                "&lt;",
            ]
        ),
        max_size=40,
    ).map(" ".join)
)
def test_reading_never_fails(text: str) -> None:
    document = read(text)
    assert ("text" in document.text) == ("text" in text)
