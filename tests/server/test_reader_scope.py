"""What a client says of the page that its reader is on decides which part of the docs answers."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.__main__ import app as ingest
from server.settings import ServerSettings
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, user_input

HOW_OFTEN = "# Retries\n\nHow often a job that fails is tried again is set in `{}`.\n"
DOCS = {
    "en/backup.md": "# Backup\n\nA backup of the queue is a copy of the file `queue.db`.\n",
    "de/backup.md": "# Backup\n\nEin Backup der Queue ist eine Kopie der Datei `queue.db`.\n",
    "en/restore.md": "# Restore\n\nTo restore the queue, put the copy in its place.\n",
    "1.x/retries.md": HOW_OFTEN.format("gromit.ini"),
    "2.x/retries.md": HOW_OFTEN.format("gromit.toml"),
}
RETRIES = "How often is a job that fails tried again?"


@pytest.fixture(scope="module")
def scoped_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    docs = tmp_path_factory.mktemp("scoped")
    for path, text in DOCS.items():
        (docs / path).parent.mkdir(parents=True, exist_ok=True)
        (docs / path).write_text(text, encoding="utf-8")
    index = tmp_path_factory.mktemp("footnote") / "index"
    done = CliRunner().invoke(ingest, [str(docs), "--index", str(index)])
    assert done.exit_code == 0, done.output
    return index


@pytest.fixture
def settings(settings: ServerSettings, scoped_index: Path) -> ServerSettings:
    changes = {"index_dir": scoped_index, "ask_version": False, "duplicate_seconds": 0}
    return settings.model_copy(update=changes)


def answer(client: ChatClient, question: str, **metadata: str) -> str:
    answered = client.stream("threads.create", input=user_input(question), metadata=metadata)
    assert not answered.errors
    return answered.answer.content[0].text


def test_the_readers_language_answers_and_what_is_not_translated_too(client: ChatClient) -> None:
    question = "How do I make a backup of the queue?"
    german = answer(client, question, locale="de-CH")
    assert "Ein Backup" in german
    assert "A backup of the queue" not in german
    assert "A backup of the queue" in answer(client, question, locale="en")
    assert "A backup of the queue" in answer(client, question)
    assert "put the copy" in answer(client, "How do I restore the queue?", locale="de")


def test_the_version_of_the_page_answers(client: ChatClient) -> None:
    assert "gromit.ini" in answer(client, RETRIES, version="1.x")
    assert "gromit.toml" in answer(client, RETRIES, version="2.x")
    page = "https://docs.example/docs/1.x/retries/"
    assert "gromit.ini" in answer(client, RETRIES, page_url=page, version="2.x")


def test_the_settings_name_both_for_readers_who_are_on_none(serve: Serve) -> None:
    client = serve(default_version="1.x", default_locale="de")
    old = answer(client, RETRIES)
    assert ("gromit.ini" in old, "gromit.toml" in old) == (True, False)
    assert "gromit.toml" in answer(client, RETRIES, version="2.x")
    assert "gromit.ini" in answer(client, RETRIES, page_url="https://docs.example/docs/elsewhere/")
    assert "Ein Backup" in answer(client, "How do I make a backup of the queue?", locale="fr")
