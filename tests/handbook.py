"""The README and the handbook, read for the tests that hold them to what exists."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from server.settings import ServerSettings
from store.settings import StoreSettings

ROOT = Path(__file__).parent.parent
HANDBOOK = sorted((ROOT / "corpus").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *HANDBOOK]
COMMANDS = ("ingest", "server", "evals")
# Settings of the container files, which the application itself does not read.
COMPOSE_SETTINGS = {"POSTGRES_PASSWORD", "PUBLISH"}
MAKE_VARIABLES = {
    *("DOCS", "BASE_URL", "CHECK", "REBUILD", "QUESTIONS", "RESULTS", "ARGS", "PYTHON", "UPGRADE"),
    *("BASELINE", "GATES", "HTML", "RECORD", "PARTS", "JSON"),
}


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def in_each_page(*, pages: list[Path] = PAGES) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", pages, ids=page_name)


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


@cache
def headings(page: Path) -> tuple[tuple[int, str], ...]:
    """Return the level and the text of each heading."""
    found = tokens(page)
    return tuple(
        (int(token.tag[1]), "".join(child.content for child in following.children or ()))
        for token, following in pairwise(found)
        if token.type == "heading_open"
    )


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors as GitHub makes them, where the pages are read too."""
    return frozenset(
        re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in headings(page)
    )


def inline(page: Path, kind: str) -> Iterator[Token]:
    for token in tokens(page):
        yield from (child for child in token.children or () if child.type == kind)


def fences(page: Path, *languages: str) -> Iterator[str]:
    for token in tokens(page):
        if token.type == "fence" and token.info in languages:
            yield token.content


def all_settings() -> dict[str, Any]:
    return {
        name.upper(): field
        for settings in (StoreSettings, ServerSettings)
        for name, field in settings.model_fields.items()
    }
