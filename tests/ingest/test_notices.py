"""What is told of a page."""

from pathlib import Path

from ingest.site import Site
from tests.ingest.workplace import Workplace


def test_references_that_are_made_of_the_code_are_told_as_one(tmp_path: Path) -> None:
    text = (
        "A\n=\n\n.. autoclass:: one\n\n.. unknown:: x\n\n   Text.\n\n.. autofunction:: two\n\n"
        ".. autosummary::\n\n   three\n"
    )
    notices = Site.of(tmp_path, base_url="/").read("a.rst", text).notices
    assert [str(notice) for notice in notices] == [
        "a.rst:4: autoclass:: one and 2 more are made when the site is built; left out",
        "a.rst:6: the directive unknown is not known; its text is kept",
    ]
    (notice,) = Site.of(tmp_path, base_url="/").read("a.md", "# A\n\n::: one\n").notices
    assert notice.message == "the reference of one is made when the site is built; left out"


async def test_a_page_of_which_something_was_said_is_not_called_empty_too(
    workplace: Workplace,
) -> None:
    workplace.write("api.md", "::: one\n")
    workplace.write("empty.md", "# A\n")
    notices = (await workplace.ingest()).notices
    assert [notice.path for notice in notices] == ["api.md", "empty.md"]
