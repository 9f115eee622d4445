"""`python -m evals.bench`: what a search costs beyond its embedding and the engine's query.

Seconds depend on the machine and on what else it does, so the bar is a ratio within one run.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from evals.question_files import read_questions
from server.search.retrieval import CANDIDATES, Retriever
from server.settings import ServerSettings
from store.console import run_command
from store.ports import Embedder, PassageIndex
from store.resources import open_embedder, open_index

MOST: Final = 1.3
"""Most that the median search may take, as a multiple of embedding plus the engine's query."""

EXIT_SLOW: Final = 1

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@dataclass(slots=True)
class SearchTimes:
    """Seconds of each search, and of its two parts that can't be saved."""

    embedding: list[float] = field(default_factory=list)
    engine: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median search as a multiple of the medians of its parts."""
        return median(self.whole) / (median(self.embedding) + median(self.engine))


async def measure_search(
    embedder: Embedder, index: PassageIndex, questions: Sequence[str], *, rounds: int
) -> SearchTimes:
    """Time each question's search and its parts, one after the other, `rounds` times.

    What else the machine does then falls on all three alike. The first search, which loads the
    model, isn't counted.
    """
    retriever = Retriever(embedder, index)
    times = SearchTimes()
    await retriever.search(questions[0])
    for question in list(questions) * rounds:
        started = time.perf_counter()
        [vector] = await embedder.embed([question], kind="query")
        embedded = time.perf_counter()
        await index.search(text=question, vector=vector, limit=CANDIDATES, candidates=CANDIDATES)
        found = time.perf_counter()
        await retriever.search(question)
        times.whole.append(time.perf_counter() - found)
        times.engine.append(found - embedded)
        times.embedding.append(embedded - started)
    return times


@app.command()
def bench(
    questions: Annotated[Path, typer.Argument(help="Question set, JSONL or YAML.")],
    *,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each question is asked.")] = 3,
) -> int:
    """Time searches; exit 1 when the median one takes too long for its parts."""
    asked = [question.question for question in read_questions(questions)]
    times = asyncio.run(_measure(ServerSettings.with_options(index_dir=index), asked, rounds))
    console = Console()
    console.print(_table(times))
    console.print(
        f"A search takes {times.ratio:.2f} times as long as embedding the question and the "
        f"engine's query; the bar is {MOST}."
    )
    return 0 if times.ratio <= MOST else EXIT_SLOW


async def _measure(settings: ServerSettings, questions: Sequence[str], rounds: int) -> SearchTimes:
    async with AsyncExitStack() as stack:
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        index = await open_index(settings, embedder)
        stack.push_async_callback(index.close)
        return await measure_search(embedder, index, questions, rounds=rounds)


def _table(times: SearchTimes) -> Table:
    table = Table("milliseconds", "p50", "p95", title=f"{len(times.whole)} searches", box=None)
    rows = {
        "embedding the question": times.embedding,
        "the engine's query": times.engine,
        "the whole search": times.whole,
    }
    for name, seconds in rows.items():
        p95 = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
        table.add_row(name, f"{median(seconds) * 1000:.1f}", f"{p95 * 1000:.1f}")
    return table


if __name__ == "__main__":
    run_command(app)
