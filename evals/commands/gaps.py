"""`python -m evals gaps`: what readers asked and the docs did not answer."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from evals.gaps import SAME_QUESTION, GapReport, find_gaps
from evals.outputs import check_folder, write_text
from evals.reports.gaps import gaps_html, gaps_json, gaps_markdown
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.resources import open_resources
from store.threads.review import review_threads


def gaps(
    *,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="Only conversations of the last days. [default: all]"),
    ] = None,
    similarity: Annotated[
        float, typer.Option(min=0, max=1, help="From which cosine on two questions are one.")
    ] = SAME_QUESTION,
    markdown: Annotated[
        Path | None, typer.Option(help="Write Markdown to a file. [default: to stdout]")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page.")] = None,
) -> None:
    """Gather the stored questions that were not answered, by how many readers they affect."""
    outputs = ((markdown, gaps_markdown), (json, gaps_json), (html, gaps_html))
    for path, _ in outputs:
        if path is not None:
            check_folder(path)
    settings = ServerSettings.with_options(index_dir=index)
    report = asyncio.run(_find(settings, days, similarity))
    for path, write in outputs:
        if path is not None:
            write_text(path, write(report))
    if not any(path for path, _ in outputs):
        sys.stdout.write(gaps_markdown(report))


async def _find(settings: ServerSettings, days: int | None, similarity: float) -> GapReport:
    since = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days) if days else None
    async with open_resources(settings) as resources:
        return await find_gaps(
            review_threads(resources.threads, active_since=since),
            resources.embedder,
            Retriever(resources.embedder, resources.index),
            docs=resources.index.manifest.docs,
            similarity=similarity,
        )
