"""What a command's failure looks like to the person who ran it."""

import pytest
import typer

from store.console import run_command
from store.errors import EmbedderUnavailableError, IndexUnavailableError, SettingsError
from store.settings import StoreSettings


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (SettingsError("QDRANT_URL", "can't\nuse it"), "QDRANT_URL: can't use it"),
        (IndexUnavailableError("Qdrant", "500"), "Qdrant: 500"),
        (EmbedderUnavailableError("OpenAI embeddings", "gone"), "OpenAI embeddings: gone"),
    ],
)
def test_a_failure_is_one_line(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["command"])
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        run_command(app)
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"error: {line}\n"


def test_a_setting_that_cannot_be_used_is_named_in_our_own_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["command"])
    monkeypatch.setenv("OPENAI_BASE_URL", "localhost:11434")
    app = typer.Typer()
    app.command()(lambda: print(StoreSettings()))  # noqa: T201

    with pytest.raises(SystemExit):
        run_command(app)
    problem = "OPENAI_BASE_URL: is no address that begins with http:// or https://"
    assert capsys.readouterr().err == f"error: {problem}\n"


def test_an_error_that_nobody_foresaw_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["command"])
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_command(app)
