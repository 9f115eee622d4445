"""The bench: what it counts and compares, on parts small enough to run with the other tests."""

import asyncio
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console
from typer.testing import CliRunner

from evals.bench.__main__ import app
from evals.bench.defects import Source, count_defects
from evals.bench.figures import OURS, Bar, Part, Row, median_seconds
from evals.bench.ingest import measure_ingest
from evals.bench.passages import CutPassage, Pages
from evals.bench.report import as_json, print_report
from evals.bench.search import SearchTimes, time_searches
from ingest.__main__ import app as ingest_app
from store.ports import Embedder, Vector
from tests.contract.index_samples import WordEmbedder
from tests.contract.passages import make_passage
from tests.server.doubles import ConstantEmbedder, ListedIndex

EMBEDDING_SECONDS = 0.02

PAGE = """# Install

Run it like this:

```bash
# install the server
pip install --upgrade footnote

footnote serve --port 8000
```

Then open the page.
"""


@pytest.mark.parametrize(
    "whole",
    [
        PAGE,
        "Then open the page.",
        "```bash\n# install the server\npip install --upgrade footnote\n```",
        "````md\n```\nnot closed, and shown as it is\n````",
        "- item\n\n  ```\n  footnote serve --port 8000\n  ```",
        "> ~~~\n> footnote serve --port 8000\n> ~~~",
    ],
)
def test_a_passage_whose_fences_are_whole_is_no_defect(whole: str) -> None:
    assert not Source(PAGE).is_cut(whole)


@pytest.mark.parametrize(
    "cut",
    [
        "Run it like this:\n\n```bash\n# install the server",
        "footnote serve --port 8000\n```\n\nThen open the page.",
        "footnote serve --port 8000",
    ],
)
def test_a_passage_that_begins_or_ends_within_a_fence_is_cut(cut: str) -> None:
    assert Source(PAGE).is_cut(cut)


def test_a_line_that_is_in_prose_too_needs_no_fence() -> None:
    page = f"{PAGE}\nfootnote serve --port 8000\n"
    assert not Source(page).is_cut("footnote serve --port 8000")


def test_a_comment_in_code_is_no_heading() -> None:
    source = Source(PAGE)
    assert source.has_false(["Install", "install the server"])
    assert not source.has_false(["Install"])
    assert not Source(f"{PAGE}\n## Install the server\n").has_false(["install the server"])


def test_defects_are_counted_by_passage_and_kind() -> None:
    passages = [
        CutPassage("a.md", "footnote serve --port 8000", ("install the server",)),
        CutPassage("a.md", "Then open the page."),
    ]
    defects = count_defects(passages, {"a.md": Source(PAGE)}, budget=20, count_tokens=len)
    assert defects.by_kind == {
        "passages": 2,
        "cut fences": 1,
        "false headings": 1,
        "over budget": 1,
    }
    assert defects.total == 3


class Paragraphs:
    """A splitter that knows blank lines alone."""

    name = "paragraphs"
    budget = 5

    def __init__(self) -> None:
        self.indexed: list[str] = []

    def split(self, pages: Pages) -> list[CutPassage]:
        return [CutPassage(path, part) for path, text in pages for part in text.split("\n\n")]

    def index(self, pages: Pages, embedder: Embedder) -> None:
        self.indexed += (each.text for each in self.split(pages))


async def test_ingest_is_measured_on_a_copy_beside_another_library(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "install.md").write_text(PAGE)
    (tmp_path / "docs" / "other.rst").write_text("Other\n=====\n\nNot Markdown.\n")
    peer = Paragraphs()

    part = await measure_ingest(tmp_path / "docs", WordEmbedder(), [peer], rounds=1)

    assert part.about == "1 Markdown pages, 0.00 MB"
    figures = {row.name: row.by_system for row in part.rows}
    assert figures["cut fences"] == {OURS: 0, "paragraphs": 2}
    assert figures["over budget"] == {OURS: 0, "paragraphs": 2}
    assert peer.indexed == PAGE.split("\n\n")
    assert {"of it, embed", "again, nothing changed"} <= figures.keys()
    [defects] = [bar for bar in part.bars if bar.name == "defects of passages"]
    assert (defects.value, defects.most) == (0, 0)
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == [
        "install.md",
        "other.rst",
    ]
    assert (tmp_path / "docs" / "install.md").read_text() == PAGE


class SlowEmbedder(ConstantEmbedder):
    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        await asyncio.sleep(EMBEDDING_SECONDS)
        return await super().embed(texts, kind=kind)


def test_the_ratios_compare_medians() -> None:
    times = SearchTimes(
        embedding=[3.0, 1.0, 99.0], engine=[1.0] * 3, index=[2.0] * 3, whole=[5.0, 6.0, 7.0]
    )
    assert times.of_floor == 6.0 / 4.0
    assert times.of_parts == 6.0 / 5.0


async def test_each_question_is_timed_each_round_and_the_first_search_is_not() -> None:
    index = ListedIndex([make_passage()])
    bare: list[str] = []
    times = await time_searches(
        SlowEmbedder(), index, lambda text, _: bare.append(text), ["one", "two"], rounds=3
    )
    assert index.asked == ["one", *["one", "one", "two", "two"] * 3]
    assert bare == ["one", "two"] * 3
    assert [len(part) for part in (times.embedding, times.index, times.whole)] == [6, 6, 6]
    assert min(times.embedding) >= EMBEDDING_SECONDS > min(times.engine)
    assert min(times.whole) >= EMBEDDING_SECONDS


def test_the_command_searches_and_writes_json(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "install.md").write_text(PAGE)
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        '{"id": "a", "question": "how do I run it?", "gold": [{"path": "install.md"}]}\n'
    )
    docs, index = str(tmp_path / "docs"), str(tmp_path / "index")
    assert CliRunner().invoke(ingest_app, [docs, "--index", index]).exit_code == 0
    command = [docs, "--index", index, "--questions", str(questions), "--part", "search"]
    written = tmp_path / "bench.json"

    result = CliRunner().invoke(
        app, [*command, "--rounds", "2", "--json", str(written)], standalone_mode=False
    )

    assert "Search: 2 searches of 1 passages" in result.output
    bench = json.loads(written.read_text())
    assert [bar["most"] for bar in bench["bars"]] == [1.3, None]
    assert result.return_value == int(any(bar["missed"] for bar in bench["bars"]))
    assert bench["measured"]["search"]["figures"][0]["by_system"].keys() == {"p50", "p95"}


def test_the_report_names_what_is_missed_and_puts_this_project_first() -> None:
    part = Part(
        "serving",
        "of a mock",
        (Bar("late / early", 2.0, 1.5), Bar("size", 3.0, 4, "MB"), Bar("for the record", 9.0)),
        (Row("first text", "ms", {"floor": 1.0, OURS: 2.5}),),
    )
    console = Console(file=StringIO(), width=120)
    print_report([part], console)
    assert isinstance(console.file, StringIO)
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert ["Serving:", "of", "a", "mock", OURS, "floor"] in lines
    assert ["first", "text", "ms", "2.5", "1.0"] in lines
    assert "MISSED serving: late / early is 2.00, the goal is at most 1.5." in " ".join(
        word for line in lines for word in line
    )
    assert lines[-1] == ["1", "of", "2", "goals", "met."]
    assert [bar["missed"] for bar in as_json([part])["bars"]] == [True, False, False]  # type: ignore[attr-defined]


def test_tasks_are_timed_in_turns() -> None:
    done: list[str] = []
    tasks = {name: lambda name=name: done.append(name) for name in ("a", "b")}
    assert median_seconds(tasks, rounds=2).keys() == {"a", "b"}
    assert done == ["a", "b", "a", "b"]
