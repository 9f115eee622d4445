"""The commands of the README and of the handbook exist, and do what is said of them."""

import importlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from server.app import create_app
from server.chat.preconditions import parse_request
from server.settings import ServerSettings
from tests.handbook import (
    COMMANDS,
    HANDBOOK,
    MAKE_VARIABLES,
    PAGES,
    ROOT,
    all_settings,
    fences,
    inline,
    page_name,
)


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
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)


@cache
def options(package: str) -> set[str]:
    """Return the long options of `python -m package` and of its commands."""
    commands = [get_command(importlib.import_module(f"{package}.__main__").app)]
    for command in commands:
        # Groups have commands, which may be groups again.
        commands += command.commands.values() if isinstance(command, TyperGroup) else ()
    params = [param for command in commands for param in command.params]
    return {name for param in params for name in param.opts if name[:2] == "--"}


def routes() -> set[str]:
    return set(create_app(ServerSettings()).openapi()["paths"])


@cache
def make_targets() -> set[str]:
    return set(re.findall(r"^  make (\S+) ", make("help").stdout, re.MULTILINE))


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))
    assert make_targets() == phony - {"docs-given", "questions-given"}


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


def test_a_question_set_that_is_not_there_is_told_before_docs_are_indexed(tmp_path: Path) -> None:
    missing = tmp_path / "my questions.jsonl"
    result = make("eval", f"QUESTIONS={missing}")
    assert result.returncode == 2
    assert result.stdout == ""
    assert f"error: {missing}: there is no such question set" in result.stderr.splitlines()


def test_the_bodies_of_curl_commands_are_requests_that_the_server_knows() -> None:
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
