"""Reading reStructuredText."""

import pytest

from ingest.anchors.docutils import DocutilsSlugger
from ingest.document import Document
from tests.ingest.golden import golden_cases

pytest.importorskip("docutils")


def read(text: str) -> Document:
    from ingest.readers.rst import read_rst

    return read_rst("guide.rst", text, DocutilsSlugger())


def in_words(document: Document) -> str:
    notices = "".join(f"notice {notice.line}: {notice.message}\n" for notice in document.notices)
    return notices + document.text


@pytest.mark.parametrize(("text", "expected"), golden_cases("rst.md"))
def test_rst(text: str, expected: str) -> None:
    assert in_words(read(text)) == expected


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
