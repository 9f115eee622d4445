"""`python -m ingest` as people and CI run it, with the bundled embedder."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from ingest.__main__ import app as ingest
from tests.command_line import run_here

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Home\n\nWelcome to the lighthouse.\n\n## Lamp\n\nIt burns.\n")
    return docs


def run(docs: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return run_here(ingest, str(docs), "--index", str(index_of(docs)), *options)


def index_of(docs: Path) -> Path:
    return docs.parent / "state" / "index"


def start(docs: Path, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", str(docs), "--index", str(index_of(docs)), *options],
        cwd=_ROOT,
        env={**os.environ, "EMBEDDER": "minilm", "QDRANT_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def vectors_in(cache: Path) -> int:
    """Count what the embedding cache holds; 0 before it is there."""
    if not cache.exists():
        return 0
    with closing(sqlite3.connect(cache, timeout=30)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'vectors'")
        if tables.fetchone() is None:
            return 0
        return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_the_life_of_an_index(docs: Path) -> None:
    missing = run(docs, "--check")
    assert (missing.returncode, missing.stderr) == (1, "")
    assert "1 added" in missing.stdout

    estimate = json.loads(run(docs, "--dry-run", "--json").stdout)
    assert (estimate["pages"]["added"], estimate["passages"], estimate["dollars"]) == (1, 2, None)

    first = run(docs, "--json", "--if-missing")
    assert (first.returncode, first.stderr) == (0, "")
    summary = json.loads(first.stdout)
    assert summary["formats"] == {".md": 1}
    assert list(summary["stages"]) == [
        "scan",
        "parse",
        "chunk",
        "write",
        "embed",
        "optimize",
        "publish",
    ]
    assert 0 < sum(summary["stages"].values()) < summary["seconds"]
    expected = {
        "pages": {"added": 1, "changed": 0, "moved": 0, "removed": 0, "unchanged": 0},
        "passages": {"added": 2, "removed": 0, "unchanged": 0},
        "embedded": 2,
        "reused": 0,
        "dollars": None,
        "generation": 1,
        "search": "hybrid",
    }
    assert {key: summary[key] for key in expected} == expected
    assert summary["embedded_tokens"] > summary["tokens"] > 0
    assert [(each["generation"], each["search"]) for each in summary["published"]] == [
        (1, "hybrid")
    ]

    assert run(docs, "--check").returncode == 0
    site = docs.parent / "site"
    site.mkdir()
    (site / "index.html").write_text('<h1 id="home">Home</h1>')
    verified = run(docs, "--verify-site", str(site))
    assert verified.returncode == 1
    assert verified.stdout == ("index.md: /docs/#lamp: no such anchor\n1 of 3 links are wrong.\n")
    (docs / "more.md").write_bytes("# Café\n\ntext é\n".encode("latin-1"))
    assert run(docs, "--check").returncode == 1
    present = run(docs, "--if-missing")
    assert (present.returncode, present.stdout) == (0, "")
    assert "index already" in present.stderr

    second = run(docs)
    assert second.returncode == 0
    assert second.stderr == "warning: more.md:1: not UTF-8; read as Latin-1\n"
    assert "Indexed pages: 1 added, 1 unchanged in " in second.stdout
    assert "  passages  3, of them 1 new" in second.stdout
    assert "  formats   1 .md" in second.stdout
    assert "Generation 2 was published after " in second.stdout
    assert json.loads(run(docs, "--check", "--json").stdout)["up_to_date"] is True


def test_an_interruption_leaves_no_index_and_loses_no_vector(docs: Path) -> None:
    for number in range(400):
        (docs / f"{number}.md").write_text(f"# Page {number}\n\nSentence {number}.\n")
    cache = docs.parent / "state" / "embeddings.db"
    with start(docs, "--json") as running:
        deadline = time.monotonic() + 60
        while vectors_in(cache) == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (130, "Interrupted.\n")
    assert 0 < vectors_in(cache) < 400
    assert not (docs.parent / "state" / "index" / "current").exists()
    assert run(docs, "--check").returncode == 1


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--index"], "requires an argument"),
        (["--nonsense"], "No such option"),
        (["more"], "unexpected extra argument"),
        (["--generator", "word"], "word is none of mkdocs"),
        (["--base-url", "docs.example.com"], "docs.example.com is neither like https://"),
        (["--base-url", "ftp://docs.example.com/"], "is neither like https://"),
        (["--verify-site", "nowhere"], "there is no such folder"),
    ],
)
def test_a_mistake_is_one_line(docs: Path, options: list[str], problem: str) -> None:
    assert_mistake(run(docs, *options), problem)


def test_a_missing_folder_is_one_line(docs: Path) -> None:
    with start(docs / "nowhere") as running:
        output, errors = running.communicate(timeout=100)
    mistake = subprocess.CompletedProcess(running.args, running.returncode, output, errors)
    assert_mistake(mistake, "there is no such folder")
    assert not (docs / "state").exists()


def assert_mistake(mistake: "subprocess.CompletedProcess[str]", problem: str) -> None:
    assert mistake.returncode == 2
    assert mistake.stdout == ""
    assert mistake.stderr.startswith("error: ")
    assert problem in mistake.stderr
    assert mistake.stderr.count("\n") == 1
