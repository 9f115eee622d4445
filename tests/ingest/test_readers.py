"""Reading Hugo's and Sphinx' Markdown, and notebooks."""

import json

import pytest

from ingest.anchors.docusaurus import docusaurus_slugger
from ingest.anchors.docutils import DocutilsSlugger
from ingest.anchors.github import github_slugger
from ingest.readers.docusaurus import read_docusaurus
from ingest.readers.hugo import read_hugo
from ingest.readers.myst import read_myst
from ingest.readers.notebook import read_myst_notebook, read_notebook
from tests.ingest.golden import golden_cases, outline


@pytest.mark.parametrize(("text", "expected"), golden_cases("hugo.md"))
def test_hugo(text: str, expected: str) -> None:
    document = read_hugo("content/page.md", text, github_slugger())
    assert document.text.count("\n") == text.count("\n")
    assert outline(document) == expected


@pytest.mark.parametrize(("text", "expected"), golden_cases("docusaurus.md"))
def test_docusaurus(text: str, expected: str) -> None:
    document = read_docusaurus("page.mdx", text, docusaurus_slugger())
    assert document.text.count("\n") == text.count("\n")
    assert outline(document) == expected


@pytest.mark.parametrize(("text", "expected"), golden_cases("myst.md"))
def test_myst(text: str, expected: str) -> None:
    document = read_myst("page.md", text, github_slugger())
    assert document.text.count("\n") == text.count("\n")
    assert outline(document) == expected


def test_a_section_of_hugo_lists_its_pages() -> None:
    assert read_hugo("guide/_index.md", "", github_slugger()).lists_pages
    assert not read_hugo("guide/a.md", "", github_slugger()).lists_pages


def test_labels_of_myst_that_are_called_as_their_titles_take_a_number_each() -> None:
    text = (
        "# Page\n\n### Answer\n\n(same-title)=\n\n### *Same* title\n\n### Answer\n\n(other)=\n"
        "### Other title\n\n### Answer\n"
    )
    document = read_myst("page.md", text, DocutilsSlugger())
    # As Sphinx 9 with MyST-Parser 5 built it: `id1` is the title's, whose label has its name.
    assert [part.section.anchor for part in document.sections] == [
        "page", "answer", "same-title", "id2", "other-title", "id3"
    ]  # fmt: skip


def test_rst_in_myst_is_read_as_rst() -> None:
    text = (
        "# A\n\n```{eval-rst}\n.. autofunction:: run\n\n.. note:: See :func:`run`.\n```\n\n"
        ":::{eval-rst}\n.. click:example::\n   import click\n\n   click.run()\n:::\n\n## B\n"
    )
    document = read_myst("page.md", text, DocutilsSlugger())
    assert [block.text for block in document.sections[0].blocks] == [
        ":::note\n\nSee `run()`.\n\n:::",
        "```python\nimport click\n\nclick.run()\n```",
    ]
    assert list(map(str, document.notices)) == [
        "page.md:4: autofunction:: run is made when the site is built; left out"
    ]
    assert document.sections[1].section.line == 16


def test_a_page_of_myst_that_lists_pages_says_so() -> None:
    assert read_myst("page.md", "# A\n\n```{toctree}\nb\n```\n", github_slugger()).lists_pages


def test_a_notebook_is_its_markdown_and_code() -> None:
    notebook = {
        "metadata": {"kernelspec": {"name": "python3"}},
        "cells": [
            {"cell_type": "markdown", "source": ["# Guide\n", "\n", "Text."]},
            {"cell_type": "code", "source": "x = 1", "outputs": [{"text": "secret"}]},
            {"cell_type": "raw", "source": "raw"},
            {"cell_type": "markdown", "source": "## Pages", "metadata": {"nbsphinx-toctree": {}}},
            {"cell_type": "markdown", "source": "## G", "metadata": {"tags": ["nbsphinx-gallery"]}},
            {"cell_type": "code", "source": []},
            {"cell_type": "code", "source": "y", "metadata": {"tags": ["remove_cell"]}},
            {"cell_type": "code", "source": "%%bash\nls", "metadata": {"tags": ["hide-input"]}},
        ],
    }
    document = read_notebook("a.ipynb", json.dumps(notebook), github_slugger())
    assert document.title == "Guide"
    assert (
        document.text == "# Guide\n\nText.\n\n```python\nx = 1\n```\n\n```bash\n%%bash\nls\n```\n"
    )


def test_a_notebook_of_sphinx_is_written_in_myst() -> None:
    cell = {"cell_type": "markdown", "source": "# A\n\n(x)=\n{ref}`Title <x>`\n"}
    document = read_myst_notebook("a.ipynb", json.dumps({"cells": [cell]}), github_slugger())
    assert [block.text for block in document.sections[0].blocks] == ["Title"]


@pytest.mark.parametrize("source", ["", "[]", "{}", "[" * 100_000, '{"cells": [1, {"source": 2}]}'])
def test_what_is_no_notebook_has_no_text(source: str) -> None:
    assert read_notebook("a.ipynb", source, github_slugger()).sections == ()
