"""Reading reStructuredText."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.anchors.docutils import DocutilsSlugger
from ingest.document import Document
from ingest.readers.rst import read_rst
from tests.ingest.golden import golden_cases


def read(text: str) -> Document:
    from ingest.readers.rst import read_rst

    return read_rst("guide.rst", text, DocutilsSlugger())


def in_words(document: Document) -> str:
    notices = "".join(f"notice {notice.line}: {notice.message}\n" for notice in document.notices)
    return notices + document.text


@pytest.mark.parametrize(("text", "expected"), golden_cases("rst.md"))
def test_rst(text: str, expected: str) -> None:
    assert in_words(read(text)) == expected


def test_a_label_that_is_given_twice_is_noticed() -> None:
    text = "A\n=\n\n.. _x:\n\nB\n-\n\n.. _x:\n\nB\n-\n"
    assert [str(each) for each in read(text).notices] == ["guide.rst:9: the label x is given twice"]


def test_a_page_that_lists_pages_says_so() -> None:
    assert read("A\n=\n\n.. toctree::\n\n   b\n").lists_pages
    assert not read("A\n=\n").lists_pages


def test_sections_have_the_ids_of_docutils() -> None:
    document = read("Guide\n=====\n\nA\n-\n\nText.\n\nA\n-\n\nMore.\n")
    assert document.title == "Guide"
    assert [content.section.anchor for content in document.sections] == ["guide", "a", "id1"]


@pytest.mark.parametrize(
    "text",
    [
        ".. include:: /etc/passwd",
        ".. literalinclude:: /etc/passwd",
        ".. csv-table::\n   :file: /etc/passwd",
        ".. raw:: html\n   :file: /etc/passwd",
    ],
)
def test_a_page_reads_no_file(text: str) -> None:
    assert "root:" not in read(f"A\n=\n\n{text}\n").text


def test_deep_nesting_is_no_error() -> None:
    text = "\n\n".join("  " * depth + f"- deep{depth}" for depth in range(400))
    assert "deep399" in read(text).text


@given(
    st.lists(
        st.sampled_from(
            [
                "Title\n=====",
                "Part\n----",
                ".. note:: x",
                ".. unknown:: y",
                "   indented",
                "- item",
                "``code",
                "`link`_",
                "|sub|",
                "::",
                "==  ==",
                ".. _target:",
                ":role:`x`",
                "* *",
                "text",
                "+--+",
                ".. |a| image:: b",
                "[1]_",
            ]
        ),
        max_size=15,
    ),
    st.sampled_from(["\n", "\n\n"]),
)
def test_reading_never_fails(parts: list[str], separator: str) -> None:
    document = read(separator.join(parts))
    assert all(content.section.heading for content in document.sections)


def test_titles_in_a_directive_are_told_by_their_own_lines() -> None:
    text = (
        "A\n=\n\n.. only:: html\n\n   Draft\n   ^^^^^\n\n   Text.\n\n.. note of the writer\n\n"
        "B\n=\n\nC\n-\n\nD\n^\n"
    )
    document = read_rst("page.rst", text, DocutilsSlugger())
    found = [(part.section.heading, part.section.level) for part in document.sections]
    assert found == [("A", 1), ("Draft", 2), ("B", 1), ("C", 2), ("D", 3)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ".. class:: Client(*, headers=None)\n\n   A client.\n",
            "**`Client(*, headers=None)`**\n\nA client.\n",
        ),
        (".. class:: dict\n\n   A mapping.\n", "**`dict`**\n\nA mapping.\n"),
        (".. class:: wide-table\n\n   A mapping.\n", "A mapping.\n"),
        (".. class:: wide\n\nText.\n", "Text.\n"),
    ],
)
def test_a_class_is_one_of_python_unless_it_is_a_style(text: str, expected: str) -> None:
    assert read(text).text == expected


def test_what_pythons_own_docs_add() -> None:
    text = (
        ".. deprecated-removed:: 3.11 3.13\n   Use *b*.\n\n.. availability:: Unix, not VxWorks.\n\n"
        ".. impl-detail::\n\n   In CPython.\n"
    )
    assert read(text).text == (
        "**Deprecated since version 3.11, removed in 3.13:** Use *b*.\n\n"
        ":::availability\n\nUnix, not VxWorks.\n\n:::\n\n"
        ":::impl-detail\n\nIn CPython.\n\n:::\n"
    )
