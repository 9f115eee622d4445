"""`python -m evals import`, without and with an index."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.__main__ import app
from evals.question_files import read_questions
from ingest.__main__ import app as ingest_app
from store.console import run_command

Import = Callable[..., tuple[int, str]]


@pytest.fixture
def run_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Import:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["evals", "import", *arguments])
        with pytest.raises(SystemExit) as exited:
            run_command(app)
        assert isinstance(exited.value.code, int)
        return exited.value.code, capsys.readouterr().err

    return run


def test_a_table_becomes_a_set(run_import: Import, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("question,gold\nHow?,a.md#one\nWeather?,\n")
    assert run_import("in.csv", "out.jsonl") == (0, "2 questions written to out.jsonl.\n")
    first, second = read_questions(tmp_path / "out.jsonl")
    assert first.gold_sections == {("a.md", "one")}
    assert second.gold == ()


def test_texts_are_looked_for_in_the_index(run_import: Import, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page = "# Server\n\n## Ports\n\nThe server listens on port 8000 unless PORT says another.\n"
    (tmp_path / "docs" / "server.md").write_text(page)
    result = CliRunner().invoke(ingest_app, ["docs", "--index", "index"])
    assert result.exit_code == 0, result.output
    rows = [
        {"user_input": "Which port?", "reference_contexts": ["server listens on port 8000"]},
        {"user_input": "Weather?", "reference_contexts": ["It rains in Lisbon all day."]},
    ]
    (tmp_path / "ragas.jsonl").write_text("\n".join(map(json.dumps, rows)))
    code, said = run_import("ragas.jsonl", "out.jsonl", "--index", "index")
    assert code == 0
    assert "Left out, since the index lacks what they are about: 2." in said
    [question] = read_questions(tmp_path / "out.jsonl")
    assert question.gold_sections == {("server.md", "ports")}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,question,gold\nq,How?,a.md\nq,Why?,a.md\n", "the id 'q' is used 2 times"),
        ("question,gold\n", "has no column for the question"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    run_import: Import, tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "in.csv").write_text(text)
    code, said = run_import("in.csv", "out.jsonl")
    assert code == 2
    assert problem in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()
