"""The README and the handbook, held to what exists: commands, settings, links, questions."""

import importlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from typer.core import TyperGroup
from typer.main import get_command

from evals.question_files import read_questions
from server.app import create_app
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
    *("BASELINE", "GATES", "HTML", "RECORD"),
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


@dataclass(frozen=True)
class Command:
    """A command of the docs, as a shell would split it; `page` is the first that has it."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)[:60]}"


def written_commands() -> Iterator[Command]:
    """Yield the commands of each page's `bash` blocks."""
    for page in PAGES:
        for script in fences(page, "bash"):
            yield from (Command(page_name(page), words) for words in split_commands(script))


def mentioned_commands() -> Iterator[Command]:
    """Yield the commands in running text, which may leave out what isn't their point."""
    for page in PAGES:
        for code in inline(page, "code_inline"):
            if re.match(r"(make|python -m) \S", code.content):
                words = shlex.split(code.content.replace("…", "x"))
                yield Command(page_name(page), tuple(words))


def split_commands(script: str) -> Iterator[tuple[str, ...]]:
    """Split at the ends of lines, unless they are quoted or escaped."""
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars="\n")
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, "\n"]:
        if word.strip("\n"):
            words.append(word)
        elif words:
            yield tuple(words)
            words = []


def unique(commands: Iterator[Command]) -> list[Command]:
    first: dict[tuple[str, ...], Command] = {}
    for command in commands:
        first.setdefault(command.words, command)
    return list(first.values())


WRITTEN = unique(written_commands())
MENTIONED = unique(mentioned_commands())


def make(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=cwd, check=False, capture_output=True, text=True)


@cache
def options(package: str) -> set[str]:
    """Return the long options of `python -m package` and of its commands."""
    commands = [get_command(importlib.import_module(f"{package}.__main__").app)]
    for command in commands:
        # Groups have commands, which may be groups again.
        commands += command.commands.values() if isinstance(command, TyperGroup) else ()
    params = [param for command in commands for param in command.params]
    return {name for param in params for name in param.opts if name[:2] == "--"}


def all_settings() -> dict[str, Any]:
    return {
        name.upper(): field
        for settings in (StoreSettings, ServerSettings)
        for name, field in settings.model_fields.items()
    }


def routes() -> set[str]:
    return set(create_app(ServerSettings()).openapi()["paths"])


# --- Commands


@cache
def make_targets() -> set[str]:
    return set(re.findall(r"^  make (\S+) ", make("help").stdout, re.MULTILINE))


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))
    assert make_targets() == phony - {"docs-given"}


@pytest.mark.parametrize("command", [*WRITTEN, *MENTIONED], ids=str)
def test_a_command_exists(command: Command) -> None:
    match command.words:
        case ("make", *words):
            targets = {word for word in words if "=" not in word}
            variables = {word.split("=")[0] for word in words if "=" in word}
            assert targets
            assert targets <= make_targets()
            assert variables <= MAKE_VARIABLES | set(all_settings())
        case ("python", "-m", package, *rest):
            used = {word.split("=")[0] for word in rest if word.startswith("--")}
            assert used - options(package) == set()
        case ("curl", *rest):
            url = next(word for word in rest if word.startswith("http"))
            assert url.removeprefix("http://127.0.0.1:8000") in routes()
        case words:
            pytest.fail(f"Neither make, python -m nor curl: {words}")


@pytest.mark.parametrize(
    "command", [command for command in WRITTEN if command.words[0] == "make"], ids=str
)
def test_make_accepts_a_command(command: Command) -> None:
    # Which versions of Python are there is this machine's business.
    words = [word for word in command.words[1:] if not word.startswith("PYTHON=")]
    result = make("--dry-run", f"PYTHON={sys.executable}", *words)
    assert result.returncode == 0, result.stderr


def test_the_bodies_of_curl_commands_are_requests_that_the_server_knows() -> None:
    from server.chat.preconditions import parse_request

    bodies = [
        command.words[command.words.index("-d") + 1] for command in WRITTEN if "-d" in command.words
    ]
    assert len(bodies) >= 3
    assert {parse_request(body.encode()).type for body in bodies} >= {
        "threads.create",
        "threads.add_user_message",
        "items.list",
    }


def test_the_ingest_commands_do_what_the_handbook_says(tmp_path: Path) -> None:
    docs = tmp_path / "My Docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Title\n\nA page.\n")
    index = tmp_path / "index"

    def ingest(*flags: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ingest", str(docs), "--index", str(index), *flags]
        return subprocess.run(
            command, cwd=ROOT, check=False, capture_output=True, text=True, env={"PATH": "/bin"}
        )

    assert ingest("--check").returncode == 1
    summary = json.loads(ingest("--base-url", "https://docs.example.com/", "--json").stdout)
    assert summary["pages"]["added"] == 1
    (docs / "index.md").unlink()
    emptied = ingest()
    assert emptied.returncode == 2
    assert len(emptied.stderr.splitlines()) == 1


def test_a_forgotten_docs_folder_is_one_clear_line() -> None:
    result = make("ingest")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "Say which folder: make ingest DOCS=path/to/docs" in result.stderr


def test_a_python_that_will_not_do_is_one_clear_line(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    result = make("setup", f"PYTHON={old}", cwd=tmp_path)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "Footnote needs Python 3.11 to 3.14" in result.stderr


@pytest.mark.parametrize("package", COMMANDS)
def test_the_handbook_names_every_option(package: str) -> None:
    handbook = "\n".join(page.read_text(encoding="utf-8") for page in HANDBOOK)
    assert [name for name in sorted(options(package)) if name not in handbook] == []


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
    foreign = {"OLLAMA_CONTEXT_LENGTH"}
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
