"""Anchors as GitHub gives them, checked against what github.com shows."""

import pytest

from ingest.anchors.github import GithubSlugger, github_slug


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
        ("`code`", "code"),
    ],
)
def test_github_slug(heading: str, anchor: str) -> None:
    assert github_slug(heading) == anchor


def test_duplicates_are_numbered() -> None:
    slugger = GithubSlugger()
    assert [slugger.anchor("Foo") for _ in range(3)] == ["foo", "foo-1", "foo-2"]


def test_a_number_that_a_heading_has_taken_is_skipped() -> None:
    slugger = GithubSlugger()
    assert [slugger.anchor(text) for text in ("Foo", "Foo 1", "Foo")] == ["foo", "foo-1", "foo-2"]


def test_explicit_ids_are_not_given_again() -> None:
    slugger = GithubSlugger()
    slugger.reserve("foo")
    assert slugger.anchor("Foo") == "foo-1"
