"""A server goes on answering while ingest publishes, and answers from what is newest."""

import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.__main__ import app as ingest
from tests.server.conftest import Serve
from tests.server.serving import ChatClient

PAGE = "# Release\n\nThe current release of Gromit is edition number {}.\n"
QUESTION = "Which edition is the current release of Gromit?"


def publish(docs: Path, edition: int) -> None:
    (docs / "release.md").write_text(PAGE.format(edition), encoding="utf-8")
    command = [str(docs), "--index", str(docs.parent / "index")]
    assert CliRunner().invoke(ingest, command).exit_code == 0


class Reader:
    """Reads a page and asks a question, over and over, and remembers what went wrong."""

    def __init__(self, client: ChatClient) -> None:
        self._client = client
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self.requests = 0
        self.failures: list[object] = []

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stopped.is_set():
            response = self._client.http.get("/docs/release")
            if response.status_code != 200 or "edition number" not in response.text:
                self.failures.append(response)
            answered = self._client.ask(QUESTION)
            if answered.errors or "edition number" not in answered.answer.content[0].text:
                self.failures.append(answered)
            self.requests += 2


@pytest.mark.slow
def test_no_request_fails_while_generations_are_published(tmp_path: Path, serve: Serve) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    publish(docs, 0)
    settings = {"index_dir": tmp_path / "index", "duplicate_seconds": 0}
    client = serve(**settings)
    with Reader(serve(**settings)) as one, Reader(serve(**settings)) as other:
        for edition in range(1, 6):
            publish(docs, edition)
            # The first request after the publication is answered from it.
            assert f"edition number {edition}" in client.http.get("/docs/release").text
            assert f"edition number {edition}" in client.ask(QUESTION).answer.content[0].text
    for reader in (one, other):
        assert reader.failures == []
        assert reader.requests > 10
    assert len(list((tmp_path / "index" / "generations").iterdir())) == 2
