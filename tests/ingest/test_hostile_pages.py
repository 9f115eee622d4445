"""Pages that were made to break their reader: read in bounds, or told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.anchors.docutils import DocutilsSlugger
from ingest.anchors.github import github_slugger
from ingest.chunking import Chunker
from ingest.document import Document
from ingest.included_files import IncludedFiles
from ingest.includes import Includes
from ingest.indexed_text import indexed_texts
from ingest.readers.html import read_html
from ingest.readers.markdown import read_markdown
from ingest.readers.mdbook import read_mdbook
from ingest.readers.myst import read_myst
from ingest.readers.notebook import read_notebook
from ingest.readers.rst import read_rst
from store.records import EVERYONE, NOBODY, Passage
from tests.ingest.golden import count_words

MAX_TOKENS = 200
FEW = 300

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def markdown(text: str) -> Document:
    return read_markdown("guide.md", text, github_slugger())


def html(text: str) -> Document:
    return read_html("guide.html", text, github_slugger())


def myst(text: str) -> Document:
    return read_myst("guide.md", text, DocutilsSlugger())


def mdbook(text: str) -> Document:
    expanded = Includes(IncludedFiles(Path("docs"), Path())).expand("guide.md", text)
    return read_mdbook("guide.md", expanded.text, github_slugger())


def notebook(text: str) -> Document:
    return read_notebook("guide.ipynb", text, github_slugger())


def rst(text: str) -> Document:
    return read_rst("guide.rst", text, DocutilsSlugger())


def passages(document: Document) -> list[Passage]:
    chunker = Chunker(max_tokens=MAX_TOKENS, count=count_words)
    return chunker.passages("guide.md", "/docs/guide", document)


@pytest.mark.parametrize(
    "front_matter",
    [
        f"---\n{BOMB}title: *i\n---",
        f"---\ntitle: {'[' * 20_000}\n---",
        f"---\n{'- ' * 5_000}x\n---",
        "---\ntitle: !!python/object/apply:os.getcwd []\n---",
        f"+++\na = {'[' * 20_000}\n+++",
        '+++\ntitle = "\\u0000"\n+++',
    ],
    ids=["aliases", "brackets", "lists", "object", "toml", "nul"],
)
def test_front_matter_that_cannot_be_taken_costs_the_page_nothing_else(front_matter: str) -> None:
    document = markdown(f"{front_matter}\n\n# Install\n\nRun it.\n")
    assert document.title == "Install"
    assert [passage.text for passage in passages(document)][-1:] == ["Run it."]


@pytest.mark.parametrize(
    "text",
    [
        "`" * 20_000 + "\ncode\n" * 500,
        "~" * 20_000 + "\n" + "`" * 500 + "\n" + "code\n" * 500,
        "```" + "language" * 5_000 + "\n" + "code\n" * 500,
        ">" * 5_000 + " quoted",
        "\n".join("  " * depth + "- item" for depth in range(300)),
        "[" * 20_000,
        "*a " * 5_000,
        "| a " * 2_000 + "|\n" + "|-" * 2_000 + "|\n" + "| b " * 2_000 + "|",
        "# " * 2_000,
    ],
    ids=["fence", "tildes", "info", "quote", "list", "brackets", "stars", "table", "heading"],
)
def test_no_page_of_a_few_kilobytes_makes_thousands_of_passages(text: str) -> None:
    found = passages(markdown(f"# Title\n\n{text}\n"))
    assert len(found) <= FEW
    assert sum(len(passage.text) for passage in found) <= 10 * len(text) + 1_000


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (myst, "```{eval-rst}\n" * 20_000),
        (markdown, ":::note Title\n" * 20_000),
        (mdbook, "{{#title " * 100_000),
        (mdbook, "{{#include a " * 100_000),
    ],
    ids=["rst", "container", "title", "include"],
)
def test_what_is_opened_and_never_closed_is_looked_for_once(
    read: Callable[[str], Document], text: str
) -> None:
    # To look for each end as far as the page goes would take hours.
    assert read(text).sections


def test_tables_in_tables_are_read_once() -> None:
    cell = "<table><tr><td>a<td>b<td>"
    assert html(cell * 60 + "innermost").text.count("innermost") == 1


@pytest.mark.parametrize("meta", ["", '<meta name="audience" content="staff">'])
def test_html_that_is_nested_without_end_is_read_as_text(meta: str) -> None:
    document = html(f"{meta}{'<div>' * 50_000}Some text.")
    assert document.text.strip() == "Some text."
    assert [notice.message for notice in document.notices] == [
        "nested too deeply; read as plain text"
    ]
    assert document.audience == (NOBODY if meta else EVERYONE)


_FAR = "word " * 2_000
_NOTEBOOK = {
    "metadata": {"language_info": {"name": "r\0\ud800"}},
    "cells": [
        {"cell_type": "markdown", "source": "# T\ud800itle\n\nA\0 \udfff."},
        {"cell_type": "code", "source": "x\0 = '\ud83d'"},
    ],
}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (markdown, f'---\ntitle: "T\\0 \\ud800"\n---\n# \0H &#0; &#xD800;\n\n{_FAR}\0\n'),
        (markdown, '{\n"title": "T\\u0000 \\ud800"\n}\n# H\n\n```s\0\nx\0\n```\n'),
        (rst, f"T\0itle\n=====\n\n{_FAR}\0 ``c\0``\n"),
        (html, f"<title>T&#0;\0</title><h1 id='a\0b'>H\0</h1><p>{_FAR}&#xD800;\0<pre>c\0</pre>"),
        (notebook, json.dumps(_NOTEBOOK)),
    ],
    ids=["yaml", "json", "rst", "html", "notebook"],
)
def test_what_no_database_takes_is_not_kept(read: Callable[[str], Document], text: str) -> None:
    document = read(text)
    found = passages(document)
    assert found
    parts = [part.section for part in document.sections]
    kept = [document.title, document.text, *document.fields.values(), *map(str, document.notices)]
    kept += [f"{part.heading}{part.anchor}{part.heading_path}" for part in parts]
    kept += [f"{passage.text}{passage.anchor}{passage.code_languages}" for passage in found]
    assert "\0" not in "".join(kept)
    "".join(kept).encode()


_RST = ["Title\n=====\n", "Part\n----\n", ".. note:: x\n\n   y\n", "::\n\n   a\n\n   b\n", "`x`_\n"]
_HTML = ["<h2 id=a>A</h2>", "<pre>a\n\nb</pre>", "<table><tr><td>1", "<ul><li>x", "<div>", "</div>"]
_MARKDOWN = [
    "```sh\nls\n",
    "> ",
    "- ",
    "import x from 'y'\n\n",
    "<Tabs>\n",
    "{a: {b}}\n",
    ":::note\n",
]
_TEXT = ["\n", "\n\n", "word ", "Ein längerer Satz, der weitergeht. " * 8, "没有空格的句子。" * 20]
_pieces = st.sampled_from([*_RST, *_HTML, *_MARKDOWN, *_TEXT])


@pytest.mark.parametrize("read", [markdown, html, rst])
@settings(max_examples=25)
@given(text=st.lists(_pieces, max_size=12).map("".join))
def test_passages_of_any_page_are_within_the_budget(
    read: Callable[[str], Document], text: str
) -> None:
    document = read(text)
    found = passages(document)
    for passage in found:
        assert passage.text.strip()
        assert count_words(indexed_texts(passage.heading_path, passage.text).embedded) <= MAX_TOKENS
        assert 1 <= passage.start_line <= passage.end_line
    shown = "".join(letters(passage.text) for passage in found)
    for content in document.sections:
        for block in content.blocks:
            assert set(letters(block.text)) <= set(shown)


def letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))
