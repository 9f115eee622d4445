"""`python -m evals gaps` and `from-thread`, over a real index and stored threads."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from chatkit.types import ThreadItem, ThreadMetadata
from typer.testing import CliRunner

from evals.__main__ import app
from evals.question_files import read_questions
from ingest.__main__ import app as ingest_app
from store.console import run_command
from store.threads.engine import open_thread_store
from tests.contract.conversations import NOON, answers, asks, ends
from tests.contract.thread_items import ALICE, MALLORY

PAGE = (
    "# Chat bots\n\nWhere it answers.\n\n## Slack\n\nThere is no bot for Slack yet.\n\n"
    "## Ports\n\nThe server listens on port 8000.\n"
)
Evals = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    (folder / "docs").mkdir()
    (folder / "docs" / "bots.md").write_text(PAGE, encoding="utf-8")
    command = [str(folder / "docs"), "--index", str(folder / "index")]
    result = CliRunner().invoke(ingest_app, command)
    assert result.exit_code == 0, result.output
    return folder / "index"


@pytest.fixture
def evals(
    index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Evals:
    url = f"sqlite:///{tmp_path / 'threads.db'}"
    anyio.run(_store, url)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["evals", *arguments, "--index", str(index)])
        with pytest.raises(SystemExit) as exited:
            run_command(app)
        assert isinstance(exited.value.code, int)
        captured = capsys.readouterr()
        return exited.value.code, captured.out, captured.err

    return run


async def _store(url: str) -> None:
    good: list[ThreadItem] = [
        asks("1", "Which port?"),
        answers("1", "8000.", "/docs/bots#ports", "/gone#x"),
        ends("1", status="answered"),
        asks("2", "And is there a bot for Slack?"),
        answers("2", "Yes, surely."),
        ends("2", status="not_found"),
    ]
    other: list[ThreadItem] = [
        asks("3", "Slack bot?", thread="thr_2"),
        answers("3", "Hm.", thread="thr_2"),
        ends("3", thread="thr_2", status="not_found"),
    ]
    async with open_thread_store(url) as store:
        for name, owner, items in (("thr_1", ALICE, good), ("thr_2", MALLORY, other)):
            await store.save_thread(ThreadMetadata(id=name, created_at=NOON), context=owner)
            for item in items:
                await store.add_thread_item(name, item, context=owner)
        await store.save_feedback("thr_1", ["answer_1"], "positive", context=ALICE)


def test_gaps_are_printed(evals: Evals, index: Path) -> None:
    code, output, _ = evals("gaps")
    assert code == 0
    assert "## 1. " in output
    assert "## 2. " not in output
    assert "2 readers, 2 × not found" in output
    assert f"{index.parent / 'docs' / 'bots.md'}`, “Slack”" in output


def test_gaps_are_written(evals: Evals, tmp_path: Path) -> None:
    names = ("--markdown", "gaps.md", "--json", "gaps.json", "--html", "gaps.html")
    code, output, _ = evals("gaps", "--days", "1", *names)
    assert (code, output) == (0, "")
    [gap] = json.loads((tmp_path / "gaps.json").read_text())["gaps"]
    assert sorted(gap["threads"]) == ["thr_1", "thr_2"]
    assert "Slack bot?" in (tmp_path / "gaps.html").read_text()
    assert "Slack bot?" in (tmp_path / "gaps.md").read_text()


def test_an_unanswered_question_becomes_a_case_to_complete(evals: Evals) -> None:
    code, output, hints = evals("from-thread", "thr_1")
    assert code == 0
    case = json.loads(output)
    assert case["question"] == "And is there a bot for Slack?"
    assert case["turns"] == [{"question": "Which port?", "answer": "8000."}]
    assert case["gold"] == []
    assert case["tags"] == ["from-thread", "not_found"]
    assert '{"path": "bots.md", "anchor": "slack"}' in hints


def test_more_days_than_there_were_are_one_line(evals: Evals) -> None:
    code, _, errors = evals("gaps", "--days", "9999999")
    assert (code, errors.count("\n")) == (2, 1)
    assert "--days" in errors


def test_a_good_answer_becomes_a_whole_case(evals: Evals, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text('{"id": "a", "question": "?", "gold": []}')
    code, output, hints = evals("from-thread", "thr_1", "--number", "1", "--append", "set.jsonl")
    assert (code, output, hints) == (0, "", "")
    _, case = read_questions(tmp_path / "set.jsonl")
    assert (case.id, case.question, case.answer) == ("thr_1-1", "Which port?", "8000.")
    assert case.gold_sections == {("bots.md", "ports")}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["thr_9"], "No question of a thread thr_9 is stored."),
        (["thr_2", "--number", "2"], "The thread thr_2 has 1 questions, not 2."),
        (["thr_2", "--append", "missing/set.jsonl"], "there is no folder missing"),
    ],
)
def test_a_mistake_is_one_line(evals: Evals, arguments: list[str], problem: str) -> None:
    code, output, errors = evals("from-thread", *arguments)
    assert (code, output) == (2, "")
    assert problem in errors
    assert errors.count("\n") == 1
