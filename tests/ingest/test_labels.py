"""References without a text of their own show the title of what they lead to."""

import json
from pathlib import Path

import pytest

from ingest.labels import Labels, may_refer
from ingest.site import Site
from ingest.sources import scan

_RST = """\
.. _top:
.. _Start Here:

=======================
 The ``app`` & *start*
=======================

.. _with-link:

A :class:`~a.B` <of> `C <https://c>`_
-------------------------------------

.. _no-title:

Text.
"""
_MYST = "(guide)=\n(second)=\n\n# The *guide* {#x}\n\n(part)=\n## A `part`\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "conf.py").write_text("")
    (tmp_path / "guide").mkdir()
    (tmp_path / "index.rst").write_text(_RST)
    (tmp_path / "guide" / "a.md").write_text(_MYST)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":ref:`top`", ":ref:`The app & start <top>`"),
        (":ref:`start  HERE`", ":ref:`The app & start <start  HERE>`"),
        (":ref:`with-link`", ":ref:`A B of C <with-link>`"),
        (":std:ref:`guide`", ":std:ref:`The guide <guide>`"),
        ("{ref}`part`", "{ref}`A part <part>`"),
        (":ref:`second`", ":ref:`The guide <second>`"),
        (":doc:`/index`", ":doc:`The app & start </index>`"),
        (":doc:`../index`", ":doc:`The app & start <../index>`"),
        ("{doc}`a` {doc}`a.md`", "{doc}`The guide <a>` {doc}`The guide <a.md>`"),
        ("[](#guide) [](a.md)", "[The guide](#guide) [The guide](a.md)"),
        ("[](../index.rst#x)", "[The app & start](../index.rst#x)"),
        (":ref:`no-title`", ":ref:`no-title`"),
        (":ref:`own <top>`", ":ref:`own <top>`"),
        (":role:`top`", ":role:`top`"),
    ],
)  # fmt: skip
def test_titles_are_put_in(docs: Path, text: str, expected: str) -> None:
    labels = Labels(docs, lambda path: path != "conf.py")
    assert labels.resolve("guide/page.rst", text) == expected
    assert may_refer(text.encode()) is (":role:" not in text)


@pytest.mark.parametrize(
    ("path", "text", "headings"),
    [
        (
            "page.rst",
            "See :ref:`top` or :doc:`/guide/a`\n---------------------------------\n",
            {"see-top-or-guide-a": "See The app & start or The guide"},
        ),
        (
            "page.rst",
            "Use :doc:`python:library/pdb`, :ref:`some-label`\n"
            "------------------------------------------------\n",
            {"use-python-library-pdb-some-label": "Use pdb, some label"},
        ),
        (
            "page.md",
            "# See {ref}`top` or [](guide/a.md)\n\n## {doc}`index`\n",
            {"see-top-or": "See The app & start or The guide", "index": "The app & start"},
        ),
        ("page.md", "# See {ref}`top` {#own}\n", {"own": "See The app & start"}),
    ],
)
def test_ids_of_titles_are_made_of_what_is_written(
    docs: Path, path: str, text: str, headings: dict[str, str]
) -> None:
    sections = [part.section for part in Site.of(docs, base_url="/").read(path, text).sections]
    assert {section.anchor: section.heading for section in sections} == headings


def test_a_page_shows_them_and_its_hash_covers_them(docs: Path) -> None:
    text = "Page\n====\n\nSee :ref:`top`.\n"
    (docs / "page.rst").write_text(text)

    def hash_and_text() -> tuple[str, str]:
        site = Site.of(docs, base_url="/")
        files = scan(site.docs, is_page=site.is_page, included=site.included).files
        return files[-1].content_hash, site.read("page.rst", text).sections[0].blocks[0].text

    before = hash_and_text()
    assert before[1] == "See The app & start."
    (docs / "index.rst").write_text(".. _top:\n\nAnother\n=======\n")
    after = hash_and_text()
    assert after[1] == "See Another."
    assert after[0] != before[0]


def test_nbsphinx_has_anchors_of_its_own(docs: Path) -> None:
    cells = [{"cell_type": "markdown", "source": "# A Title\n\n## Same `x`\n\n## Same `x`"}]
    notebook = json.dumps({"cells": cells})

    def anchors() -> list[str]:
        document = Site.of(docs, base_url="/").read("a.ipynb", notebook)
        return [part.section.anchor for part in document.sections]

    assert anchors() == ["a-title", "same-x", "id1"]
    (docs / "conf.py").write_text("extensions = ['nbsphinx']\n")
    assert anchors() == ["A-Title", "Same-x", "id1"]
    markdown = "# A Title\n"
    assert (
        Site.of(docs, base_url="/").read("a.md", markdown).sections[0].section.anchor == "a-title"
    )
    (docs / "conf.py").write_text(
        "extensions = ['nbsphinx']\nnbsphinx_custom_formats = {\n    '.md': ['x', {'f': 'R'}],\n"
        "    '.pct.py': 'y',\n}\n"
    )
    assert (
        Site.of(docs, base_url="/").read("a.md", markdown).sections[0].section.anchor == "A-Title"
    )


def test_directives_that_the_project_adds_are_known(docs: Path) -> None:
    (docs / "conf.py").write_text("def setup(app):\n    app.add_directive('asked', Asked)\n")
    (docs / "tools" / "extensions").mkdir(parents=True)
    (docs / "tools" / "extensions" / "own.py").write_text(
        "app.add_crossref_type(\n    directivename='setting', rolename='setting')\n"
        "app.add_directive_to_domain('py', 'hook', Hook)\n"
    )
    site = Site.of(docs, base_url="/")
    text = "Page\n====\n\n.. asked::\n.. setting:: A\n.. py:hook:: b\n.. hook:: b\n.. other:: c\n"
    notices = site.read("page.rst", text).notices
    assert [(notice.line, notice.message.split()[2]) for notice in notices] == [(8, "other")]
