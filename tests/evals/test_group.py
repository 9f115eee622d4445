"""Which command of `python -m evals` is meant."""

import sys

import pytest
import typer

from evals.commands.group import DEFAULT, QuestionsFirst
from store.console import run_command


@pytest.mark.parametrize(
    ("arguments", "ran"),
    [
        (["set.jsonl"], "evaluate set.jsonl 1"),
        (["--times", "2", "set.jsonl"], "evaluate set.jsonl 2"),
        (["evaluate", "set.jsonl"], "evaluate set.jsonl 1"),
        (["new", "set.jsonl"], "new set.jsonl"),
        (["./new"], "evaluate ./new 1"),
    ],
)
def test_a_command_without_a_name_is_the_first(
    arguments: list[str],
    ran: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = typer.Typer(cls=QuestionsFirst)

    @app.command(DEFAULT)
    def evaluate(questions: str, times: int = 1) -> None:
        sys.stdout.write(f"evaluate {questions} {times}")

    @app.command("new")
    def new(file: str) -> None:
        sys.stdout.write(f"new {file}")

    monkeypatch.setattr(sys, "argv", ["evals", *arguments])
    with pytest.raises(SystemExit):
        run_command(app)
    assert capsys.readouterr().out == ran
