"""Answers from an index without vectors: by choice, and until the vectors of a large one follow."""

import logging
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.__main__ import app as ingest
from store.embedders.minilm import MiniLmEmbedder
from store.errors import EmbedderUnavailableError
from tests.server.conftest import DOCS, Serve
from tests.server.serving import ChatClient


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    for path, text in DOCS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def assert_answers_by_words(client: ChatClient) -> None:
    answered = client.ask("How do I run Gromit in Docker?")
    assert answered.errors == []
    [content] = answered.answer.content
    assert "docker run gromit/gromit:2" in content.text
    urls = [getattr(annotation.source, "url", "") for annotation in content.annotations]
    assert "/docs/guide/install#docker" in urls


def test_questions_are_answered_and_refused_without_an_embedder(
    docs: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = docs.parent / "index"
    monkeypatch.setenv("EMBEDDER", "none")
    assert CliRunner().invoke(ingest, [str(docs), "--index", str(index)]).exit_code == 0
    assert not (docs.parent / "embeddings.db").exists()
    client = serve(index_dir=index, embedder="none")
    assert_answers_by_words(client)
    refused = client.ask("Which wine goes with asparagus risotto?")
    assert refused.errors == []
    assert refused.cards == []
    assert refused.answer.content[0].annotations == []


def test_a_server_answers_by_words_until_the_vectors_are_there(
    docs: Path,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    index = docs.parent / "index"
    monkeypatch.setattr("ingest.pipeline.LEXICAL_FIRST_FROM", 1)
    monkeypatch.setattr("ingest.pipeline.BATCH", 1)

    async def fail(*_: object, **__: object) -> None:
        raise EmbedderUnavailableError("minilm", "told to fail")

    with monkeypatch.context() as broken:
        broken.setattr(MiniLmEmbedder, "embed", fail)
        interrupted = CliRunner().invoke(ingest, [str(docs), "--index", str(index)])
    assert isinstance(interrupted.exception, EmbedderUnavailableError)

    # The same question again is meant as one.
    client = serve(index_dir=index, duplicate_seconds=0)
    assert_answers_by_words(client)
    assert CliRunner().invoke(ingest, [str(docs), "--index", str(index)]).exit_code == 0
    with caplog.at_level(logging.INFO, "store.index.edge"):
        assert_answers_by_words(client)
    assert "Moved over to generation 2." in caplog.text
