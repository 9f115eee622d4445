"""The anchors of each generator."""

import textwrap

import pytest

from ingest.anchors import Slugger
from ingest.anchors.docusaurus import docusaurus_slugger
from ingest.anchors.docutils import DocutilsSlugger
from ingest.anchors.github import github_slugger
from ingest.anchors.hugo import HugoSlugger
from ingest.anchors.mdbook import mdbook_slugger
from ingest.anchors.python_markdown import PythonMarkdownSlugger
from ingest.anchors.vitepress import vitepress_slugger
from ingest.readers.markdown import read_markdown
from ingest.readers.myst import read_myst
from tests.ingest.golden import built_headings


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Install", "install"),
        ("Getting Started", "getting-started"),
        ("What's new?", "whats-new"),
        ("C++ & C#", "c--c"),
        ("v1.2.3 (2024-01-02)", "v123-2024-01-02"),
        ("snake_case and kebab-case", "snake_case-and-kebab-case"),
        ("a / b", "a--b"),
        ("  padded  ", "padded"),
        ("🚀 Launch", "-launch"),
        ("Ünïcödé Straße", "ünïcödé-straße"),
        ("安装指南", "安装指南"),
        ("中文，标点。", "中文标点"),
        ("हिन्दी", "हिन्दी"),
        ("© 2024 — dash–dash", "-2024--dashdash"),
        ("x² ½", "x-"),
    ],
)
def test_github(heading: str, anchor: str) -> None:
    assert github_slugger().anchor(heading) == anchor


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What's new?", "whats-new"),
        ("a / b - c", "a-b-c"),
        ("Ünïcödé Straße", "unicode-strae"),
        ("snake_case", "snake_case"),
        ("安装指南", "_1"),
        ("C++ & C#", "c-c"),
        ("--check", "-check"),
    ],
)
def test_python_markdown(heading: str, anchor: str) -> None:
    assert PythonMarkdownSlugger().anchor(heading) == anchor


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What's new?", "what-s-new"),
        ("1. Install", "_1-install"),
        ("`app.get()` & co.", "app-get-co"),
        ("Café", "cafe"),
        ("安装指南", "安装指南"),
    ],
)
def test_vitepress(heading: str, anchor: str) -> None:
    assert vitepress_slugger().anchor(heading) == anchor


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("What's new?", "whats-new"), ("a & b", "a--b"), ("Über Rust", "über-rust"), ("1.2", "12")],
)
def test_mdbook(heading: str, anchor: str) -> None:
    assert mdbook_slugger().anchor(heading) == anchor


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("What's new?", "whats-new"), ("Über a_b", "über-a_b"), ("!!!", "heading")],
)
def test_hugo(heading: str, anchor: str) -> None:
    assert HugoSlugger().anchor(heading) == anchor


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What's new?", "what-s-new"),
        ("snake_case()", "snake-case"),
        ("2.0 release notes", "release-notes"),
        ("Ünïcödé Straße", "unicode-strasze"),
        ("安装指南", "id1"),
    ],
)
def test_docutils(heading: str, anchor: str) -> None:
    assert DocutilsSlugger().anchor(heading) == anchor


@pytest.mark.parametrize(
    ("slugger", "anchors"),
    [
        (github_slugger(), ["foo", "foo-1", "foo-2", "foo-1-1"]),
        (PythonMarkdownSlugger(), ["foo", "foo_1", "foo_2", "foo-1"]),
        (DocutilsSlugger(), ["foo", "id1", "id2", "foo-1"]),
    ],
)
def test_equal_headings(slugger: Slugger, anchors: list[str]) -> None:
    assert [slugger.anchor(text) for text in ("Foo", "Foo", "Foo", "Foo 1")] == anchors


def test_a_number_that_a_heading_has_taken_is_skipped() -> None:
    slugger = github_slugger()
    assert [slugger.anchor(text) for text in ("Foo", "Foo 1", "Foo")] == ["foo", "foo-1", "foo-2"]


@pytest.mark.parametrize(
    ("slugger", "anchor"),
    [
        (github_slugger(), "foo-1"),
        (PythonMarkdownSlugger(), "foo_1"),
        (DocutilsSlugger(), "id1"),
        (docusaurus_slugger(), "foo"),
    ],
)
def test_explicit_ids(slugger: Slugger, anchor: str) -> None:
    slugger.reserve("foo")
    assert slugger.anchor("Foo") == anchor


@pytest.mark.parametrize(
    ("generator", "slugger"),
    [
        ("docusaurus", docusaurus_slugger()),  # 3.8.1
        ("hugo", HugoSlugger()),  # 0.168.0
        ("mdbook", mdbook_slugger()),  # 0.5.4
        ("vitepress", vitepress_slugger()),  # 1.6.4
    ],
)
def test_anchors_are_those_of_sites_that_were_built(generator: str, slugger: Slugger) -> None:
    text, anchors = built_headings(generator)
    sections = [part.section for part in read_markdown("a.md", text, slugger).sections]
    assert [section.anchor for section in sections if section.level] == anchors


@pytest.mark.parametrize(
    ("container", "closing"), [(":::note", ":::"), ("/// tab | A", "///"), ('=== "A"', "")]
)
def test_headings_in_containers_begin_sections(container: str, closing: str) -> None:
    inner = "## Foo\n\nInner.\n\n- ## Foo\n\n> # Foo"
    inner = inner if closing else textwrap.indent(inner, "    ")
    text = f"# A\n\n## Foo\n\n{container}\n\n{inner}\n\n{closing}\n\n## Foo\n"
    document = read_markdown("a.md", text, PythonMarkdownSlugger())
    # Those in lists and quotes begin none, and have their anchors all the same.
    assert [part.section.anchor for part in document.sections] == ["a", "foo", "foo_1", "foo_4"]
    assert [block.text for block in document.sections[1].blocks] == [container]
    assert document.sections[2].blocks[0].text == "Inner."


def test_headings_in_directives_of_myst_have_no_anchor() -> None:
    text = "# A\n\n:::{note}\n\n## B\n\nText.\n:::\n\n## B\n"
    document = read_myst("a.md", text, DocutilsSlugger())
    assert [part.section.anchor for part in document.sections] == ["a", "b"]
