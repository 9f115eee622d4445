"""A progress bar on stderr, for people only: nothing is shown when it is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ingest.plan import Plan
from ingest.sources import SourceFile


@contextmanager
def show_progress() -> Iterator[Callable[[Plan], Callable[[SourceFile], None]]]:
    """Yield a function that is given the plan and returns what to call for each file done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pages"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:

        def start(plan: Plan) -> Callable[[SourceFile], None]:
            task = bar.add_task("", total=len(plan.to_read))
            return lambda _: bar.advance(task)

        yield start
