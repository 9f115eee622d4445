"""Pages and sections are found by whatever the model calls them."""

import pytest

from server.search.page_reading import find_page, find_section
from store.records import Page, Section


def page(path: str, title: str, *headings: str) -> Page:
    sections = tuple(
        Section(heading, 2, heading.lower(), 1, (title, heading)) for heading in headings
    )
    return Page(path, title, f"/docs/{path.removesuffix('.md')}/", "0" * 64, sections, "")


PAGES = [
    page("guide/run.md", "Run", "Docker", "Linux"),
    page("a/intro.md", "Intro"),
    page("b/intro.md", "Intro"),
]


@pytest.mark.parametrize(
    "named", ["guide/run.md", "/docs/guide/run/", "/docs/guide/run#docker", "run", " Run "]
)
def test_a_page_is_found_by_path_address_and_title(named: str) -> None:
    assert find_page(PAGES, named) == PAGES[0]


@pytest.mark.parametrize("named", ["", "Intro", "../../etc/passwd", "/docs/guide"])
def test_what_is_no_page_or_several_is_not_found(named: str) -> None:
    assert find_page(PAGES, named) is None


@pytest.mark.parametrize("named", ["Docker", "docker", "#docker", "## Docker"])
def test_a_section_is_found_by_heading_and_anchor(named: str) -> None:
    section = find_section(PAGES[0], named)
    assert section is not None
    assert section.heading == "Docker"


def test_a_heading_that_is_not_there_is_not_found() -> None:
    assert find_section(PAGES[0], "Windows") is None
    assert find_section(PAGES[0], "") is None
