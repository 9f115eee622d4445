"""The latency of a search as a ratio within one run."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from typer.testing import CliRunner

from evals import bench
from evals.bench import SearchTimes, app, measure_search
from ingest.__main__ import app as ingest_app
from store.ports import Vector
from tests.contract.passages import make_passage
from tests.server.doubles import ConstantEmbedder, ListedIndex

EMBEDDING_SECONDS = 0.02


class SlowEmbedder(ConstantEmbedder):
    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        await asyncio.sleep(EMBEDDING_SECONDS)
        return await super().embed(texts, kind=kind)


def test_the_ratio_compares_medians() -> None:
    times = SearchTimes(embedding=[3.0, 1.0, 99.0], engine=[1.0, 1.0, 1.0], whole=[5.0, 6.0, 7.0])
    assert times.ratio == 6.0 / 4.0


async def test_each_question_is_timed_each_round_and_the_first_search_is_not() -> None:
    index = ListedIndex([make_passage()])
    times = await measure_search(SlowEmbedder(), index, ["one", "two"], rounds=3)
    assert index.asked == ["one", *["one", "one", "two", "two"] * 3]
    assert [len(part) for part in (times.embedding, times.engine, times.whole)] == [6, 6, 6]
    assert min(times.embedding) >= EMBEDDING_SECONDS > min(times.engine)
    assert min(times.whole) >= EMBEDDING_SECONDS


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("bench")
    docs = folder / "docs"
    docs.mkdir()
    (docs / "install.md").write_text("# Install\n\nRun it with docker compose.\n")
    questions = folder / "questions.jsonl"
    questions.write_text(
        '{"id": "a", "question": "how do I run it?", "gold": [{"path": "install.md"}]}\n'
    )
    index = folder / "index"
    assert CliRunner().invoke(ingest_app, [str(docs), "--index", str(index)]).exit_code == 0
    return questions, index


@pytest.mark.parametrize(("most", "exit_code"), [(1000.0, 0), (0.001, 1)])
def test_the_bar_decides_the_exit_code(
    files: tuple[Path, Path], most: float, exit_code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions, index = files
    monkeypatch.setattr(bench, "MOST", most)
    result = CliRunner().invoke(
        app, [str(questions), "--index", str(index), "--rounds", "2"], standalone_mode=False
    )
    assert result.return_value == exit_code
    assert "2 searches" in result.output
    assert f"the bar is {most}" in " ".join(result.output.split())
