"""The README and the handbook, held to what exists: settings, links, examples, questions."""

import json
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from evals.question_files import read_questions
from tests.handbook import (
    COMMANDS,
    COMPOSE_SETTINGS,
    HANDBOOK,
    MAKE_VARIABLES,
    ROOT,
    all_settings,
    anchors,
    fences,
    headings,
    in_each_page,
    inline,
)

# --- Settings


def documented_settings() -> dict[str, str]:
    """Return setting and default as the tables of the configuration page have them."""
    text = (ROOT / "corpus" / "configuration.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (\S.*?) \|", text, re.MULTILINE))


def default_as_documented(value: Any) -> str:
    match value:
        case None | "" | ():
            return "(none)"
        case bool():
            return f"`{str(value).lower()}`"
        case float():
            return f"`{value:g}`"
        case tuple():
            return f"`{','.join(value)}`"
        case _:
            return f"`{value}`"


def test_the_configuration_page_has_every_setting_with_its_default() -> None:
    expected = {
        name: default_as_documented(field.default) for name, field in all_settings().items()
    }
    assert documented_settings() == expected


def test_the_example_file_has_every_setting_with_its_default() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    expected = {
        name: default_as_documented(field.default).strip("`").replace("(none)", "")
        for name, field in all_settings().items()
    }
    assert {name: value for name, value in listed.items() if name not in COMPOSE_SETTINGS} == (
        expected
    )


@in_each_page()
def test_a_setting_that_a_page_names_exists(page: Path) -> None:
    known = set(all_settings()) | COMPOSE_SETTINGS | MAKE_VARIABLES
    foreign = {"HTTPS_PROXY", "OLLAMA_CONTEXT_LENGTH"}
    named = {code.content for code in inline(page, "code_inline")}
    named = {word for code in named for word in re.findall(r"^[A-Z]+(?:_[A-Z]+)+(?==|$)", code)}
    for block in fences(page, "text"):
        named |= set(re.findall(r"^([A-Z]+(?:_[A-Z]+)*)=", block, re.MULTILINE))
    assert named - known - foreign == set()


# --- Links


@in_each_page()
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in inline(page, "link_open"):
        href = str(link.attrGet("href"))
        if re.match(r"https?://", href):
            continue
        path, _, anchor = href.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), href
        if anchor:
            assert anchor in anchors(target), href


def test_every_page_of_the_handbook_is_linked_from_the_first() -> None:
    start = ROOT / "corpus" / "index.md"
    linked = {str(link.attrGet("href")).split("#")[0] for link in inline(start, "link_open")}
    assert {page.name for page in HANDBOOK} - linked == {"index.md"}


@in_each_page(pages=HANDBOOK)
def test_a_page_has_one_title_and_no_heading_twice(page: Path) -> None:
    levels, texts = zip(*headings(page), strict=True)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert len(texts) == len(set(texts))


@in_each_page(pages=HANDBOOK)
def test_a_file_of_the_project_that_a_page_names_exists(page: Path) -> None:
    named = {code.content for code in inline(page, "code_inline")}
    folders = "|".join((*COMMANDS, "store", "tests", "corpus"))
    paths = {name for name in named if re.fullmatch(rf"(?:{folders})/[\w/.-]+", name)}
    assert [name for name in sorted(paths) if not (ROOT / PurePosixPath(name)).exists()] == []


# --- Examples


@in_each_page()
def test_examples_of_data_can_be_parsed(page: Path) -> None:
    for block in fences(page, "json"):
        objects = [block] if block.startswith("{\n") else block.splitlines()
        for text in objects:
            json.loads(text)
    for block in fences(page, "yaml"):
        yaml.safe_load(block)
    for block in fences(page, "toml"):
        tomllib.loads(block)
    for block in fences(page, "python"):
        compile(block, page.name, "exec")


# --- Questions


def test_every_figure_is_explained_where_figures_are() -> None:
    source = "".join((ROOT / "evals" / name).read_text() for name in ("scoring.py", "judge.py"))
    figures = set(re.findall(r'"((?:answer|citation|judge)\.\w+)"', source)) - {"judge.failures"}
    explained = {code.content for code in inline(ROOT / "corpus" / "evaluation.md", "code_inline")}
    assert len(figures) > 12
    assert figures - explained == set()


def test_the_shipped_questions_point_at_what_is_there() -> None:
    questions = read_questions(ROOT / "evals" / "questions" / "handbook.jsonl")
    assert len(questions) >= 120
    assert sum(not question.gold for question in questions) >= 20
    known = {page.name: anchors(page) for page in HANDBOOK}
    wrong = [
        f"{question.id}: {gold.path}#{gold.anchor}"
        for question in questions
        for gold in question.gold
        if gold.path not in known or (gold.anchor and gold.anchor not in known[gold.path])
    ]
    assert wrong == []


def test_a_shipped_question_is_not_worded_as_a_heading() -> None:
    questions = read_questions(ROOT / "evals" / "questions" / "handbook.jsonl")
    used = {text.lower() for page in HANDBOOK for _, text in headings(page)}
    assert [question.id for question in questions if question.question.lower() in used] == []


def test_every_page_is_asked_about() -> None:
    questions = read_questions(ROOT / "evals" / "questions" / "handbook.jsonl")
    asked = {gold.path for question in questions for gold in question.gold}
    assert {page.name for page in HANDBOOK} - asked == set()
