"""`python -m ingest` as people and CI run it, with the bundled embedder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Home\n\nWelcome to the lighthouse.\n\n## Lamp\n\nIt burns.\n")
    return docs


def run(docs: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    index = docs.parent / "state" / "index"
    return subprocess.run(
        [sys.executable, "-m", "ingest", str(docs), "--index", str(index), *options],
        cwd=_ROOT,
        env={**os.environ, "EMBEDDER": "minilm", "QDRANT_URL": ""},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_life_of_an_index(docs: Path) -> None:
    missing = run(docs, "--check")
    assert (missing.returncode, missing.stderr) == (1, "")
    assert "1 added" in missing.stdout

    first = run(docs, "--json", "--if-missing")
    assert (first.returncode, first.stderr) == (0, "")
    summary = json.loads(first.stdout)
    assert summary["seconds"] > 0
    assert {key: summary[key] for key in ("pages", "passages", "embedded", "generation")} == {
        "pages": {"added": 1, "changed": 0, "moved": 0, "removed": 0, "unchanged": 0},
        "passages": {"added": 2, "removed": 0, "unchanged": 0},
        "embedded": 2,
        "generation": 1,
    }

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
    assert "pages: 1 added, 1 unchanged. 3 passages" in second.stdout
    assert json.loads(run(docs, "--check", "--json").stdout)["up_to_date"] is True


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--index"], "requires an argument"),
        (["--nonsense"], "No such option"),
        (["more"], "unexpected extra argument"),
    ],
)
def test_a_mistake_is_one_line(docs: Path, options: list[str], problem: str) -> None:
    assert_mistake(run(docs, *options), problem)


def test_a_missing_folder_is_one_line(docs: Path) -> None:
    mistake = run(docs / "nowhere")
    assert_mistake(mistake, "there is no such folder")
    assert not (docs / "state").exists()


def assert_mistake(mistake: "subprocess.CompletedProcess[str]", problem: str) -> None:
    assert mistake.returncode == 2
    assert mistake.stdout == ""
    assert mistake.stderr.startswith("error: ")
    assert problem in mistake.stderr
    assert mistake.stderr.count("\n") == 1
