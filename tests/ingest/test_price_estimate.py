"""What `--dry-run` says that embedding will cost, against what the endpoint then reports."""

import json
from pathlib import Path

import pytest

from ingest.__main__ import app
from tests.command_line import run_here
from tests.mock_openai import MockOpenAI


def test_the_estimate_is_what_the_endpoint_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(5):
        text = f"# Page {number}\n\nTurn the lamp {number} times, naïvely or `--fast`.\n"
        (docs / f"{number}.md").write_text(text)
    with MockOpenAI([]) as mock:
        for name, value in {
            "EMBEDDER": "openai",
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": mock.base_url,
            "INDEX_DIR": str(tmp_path / "index"),
        }.items():
            monkeypatch.setenv(name, value)
        estimate = json.loads(run_here(app, str(docs), "--dry-run", "--json").stdout)
        summary = json.loads(run_here(app, str(docs), "--json").stdout)
    assert estimate["tokens"] == summary["embedded_tokens"] > 0
    assert estimate["dollars"] == pytest.approx(summary["embedded_tokens"] * 0.02 / 1e6)
