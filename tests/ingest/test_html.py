"""Reading the HTML of built sites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.anchors.github import github_slugger
from ingest.anchors.none import NoSlugger
from ingest.document import Document
from tests.ingest.golden import golden_cases


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


_tags = st.sampled_from(
    ["p", "ul", "ol", "li", "table", "tr", "td", "pre", "dl", "dt", "dd", "b", "code", "blockquote"]
)
_openings = _tags.map("<{}>".format) | st.sampled_from(
    ["<h2 id=a>", "<div class=admonition>", "<a name=x>", "<br>", "<section id=b>"]
)
_texts = st.sampled_from(["text", "#", "*", "`", "```", "&lt;", "-", "1."])


@given(st.lists(_openings | _tags.map("</{}>".format) | _texts, max_size=40).map(" ".join))
def test_reading_never_fails(text: str) -> None:
    document = read(text)
    assert ("text" in document.text) == ("text" in text)


def test_a_heading_that_is_the_title_is_not_named_twice() -> None:
    document = read("<title>X - Book</title><main><h2 id=x>X</h2><p>Text.<h3 id=y>Y</h3></main>")
    assert [part.section.heading_path for part in document.sections] == [("X",), ("X", "Y")]


def test_a_page_that_lists_pages_says_so() -> None:
    assert read("<main><h1>Part</h1><div class=toctree-wrapper>One</div></main>").lists_pages
    assert not read("<main><h1>Part</h1></main>").lists_pages


def test_a_heading_without_an_id_leads_to_the_page() -> None:
    from ingest.readers.html import read_html

    document = read_html("a.html", "<main><h1 id=top>A</h1><h2>B</h2><p>Text.</main>", NoSlugger())
    assert [part.section.anchor for part in document.sections] == ["top", ""]
