"""Changelogs, and questions that they answer."""

import pytest

from server.search.changelogs import is_about_changes, is_changelog


@pytest.mark.parametrize(
    ("path", "title", "expected"),
    [
        ("release-notes.md", "Release Notes", True),
        ("about/CHANGELOG.md", "Changes", True),
        ("releases/5.2.txt", "Django 5.2 release notes", True),
        ("whatsnew/3.11.html", "Python 3.11", True),
        ("blog.md", "What’s new", True),
        ("guide/release-process.md", "How releases are made", False),
        ("api/change_event.md", "The change event", False),
        ("index.md", "", False),
    ],
)
def test_a_changelog_is_known_by_its_names(path: str, title: str, expected: bool) -> None:
    assert is_changelog(path, title) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What's new?", True),
        ("Since when are lists allowed?", True),
        ("Is 2.11 affected?", True),
        ("was create_all deprecated", True),
        ("How do I upload a file?", False),
        ("Is there a renewal?", False),
    ],
)
def test_questions_about_changes(question: str, expected: bool) -> None:
    assert is_about_changes(question) is expected
