"""`python -m evals.bench DOCS`: one table and one JSON of what everything costs."""

# ruff: noqa: PLC0415 - other libraries are installed for the bench alone, and slow to import.

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final, assert_never

import anyio
import typer
from rich.console import Console

from evals.bench.figures import Part
from evals.bench.report import as_json, print_report
from evals.question_files import read_questions
from store.console import run_command
from store.settings import StoreSettings

EXIT_MISSED: Final = 1

_STREAMS: Final = (1, 25, 100, 300)

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class PartName(StrEnum):
    """The parts, in the order in which they are measured."""

    INGEST = "ingest"
    SEARCH = "search"
    SERVING = "serving"


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured, and how often."""

    docs: Path
    index: Path
    questions: Path
    rounds: int
    streams: Sequence[int]

    @property
    def settings(self) -> StoreSettings:
        """The embedded engines, whatever the environment names."""
        return StoreSettings(
            index_dir=self.index, qdrant_url="", embedder="minilm", database_url=""
        )


@app.command()
def bench(
    docs: Annotated[Path, typer.Argument(help="Folder of the documentation.")],
    *,
    index: Annotated[Path, typer.Option(help="Folder of the index of these docs.")],
    questions: Annotated[Path, typer.Option(help="Question set, JSONL or YAML.")],
    part: Annotated[
        list[PartName] | None, typer.Option(help="Measure only this; may be repeated.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each thing is timed.")] = 3,
    streams: Annotated[
        list[int] | None,
        typer.Option(
            min=1, help="How many streams at once memory is measured at. [default: 1, 25, 100, 300]"
        ),
    ] = None,
    to_json: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file, as JSON.")
    ] = None,
) -> int:
    """Measure ingest, search and serving; exit 1 when a goal is missed."""
    work = Work(docs, index, questions, rounds, streams or _STREAMS)
    parts = [_measure(name, work) for name in part or PartName]
    print_report(parts, Console())
    if to_json is not None:
        to_json.write_text(json.dumps(as_json(parts), indent=2) + "\n", encoding="utf-8")
    return EXIT_MISSED if any(bar.missed for each in parts for bar in each.bars) else 0


def _measure(name: PartName, work: Work) -> Part:
    match name:
        case PartName.INGEST:
            return anyio.run(_measure_ingest, work)
        case PartName.SEARCH:
            from evals.bench.search import measure_search

            measure = partial(measure_search, rounds=work.rounds)
            return anyio.run(measure, work.settings, _asked(work))
        case PartName.SERVING:
            from evals.bench.serving import Site, measure_serving

            site = Site(work.index, _asked(work))
            return measure_serving(site, rounds=work.rounds, streams=work.streams)
    assert_never(name)


async def _measure_ingest(work: Work) -> Part:
    from evals.bench.ingest import measure_ingest
    from evals.bench.splitters import LangChain, LlamaIndex
    from store.embedders.minilm import MiniLmEmbedder

    embedder = MiniLmEmbedder.bundled()
    try:
        return await measure_ingest(
            work.docs, embedder, (LangChain(), LlamaIndex()), rounds=work.rounds
        )
    finally:
        await embedder.close()


def _asked(work: Work) -> Sequence[str]:
    return [question.question for question in read_questions(work.questions)]


if __name__ == "__main__":
    run_command(app)
