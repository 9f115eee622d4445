"""`python -m ingest DOCS`: make the index what the docs folder is."""

# ruff: noqa: PLC0415 - what only some options need is loaded for them.

import gc
import signal

if __name__ == "__main__":
    # Ctrl-C while modules are loaded ends the process, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # They all stay, so that looking for garbage among them takes time and finds none.
    gc.disable()

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ingest import report
from ingest.generators import GENERATORS, generator_named
from ingest.progress import show_progress
from ingest.run import Request, Summary, bring_up_to_date, compare, estimate_cost
from ingest.sources import SourceError
from store.console import run_command
from store.errors import SettingsError
from store.ports import DocumentEmbedder
from store.resources import index_exists, open_caching_embedder, open_index
from store.settings import StoreSettings
from store.web_addresses import is_web_address

EXIT_BEHIND = 1
EXIT_WRONG_LINKS = 1

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def ingest(
    *,
    docs: Annotated[Path, typer.Argument(help="Folder of the documentation.")],
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="Address of the docs' site. [default: as before, at first /docs/]"),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 if the index is behind.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON on stdout.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the index from nothing.")
    ] = False,
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Do nothing when there is an index.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Publish nothing if there are warnings.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; tell what there is to embed.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and ingest again whenever the docs change.")
    ] = False,
    generator: Annotated[
        str | None,
        typer.Option(
            help=f"Generator of the docs' site: {', '.join(each.name for each in GENERATORS)}. "
            "[default: found by its configuration, or by what pages hold]"
        ),
    ] = None,
    version_pattern: Annotated[
        str,
        typer.Option(
            help="Regular expression with a group that takes a page's version from its path. "
            "[default: folders such as v1.2/]",
            show_default=False,
        ),
    ] = "",
    locale_pattern: Annotated[
        str,
        typer.Option(
            help="The same for its language. [default: folders such as de/ beside en/]",
            show_default=False,
        ),
    ] = "",
    verify_site: Annotated[
        Path | None,
        typer.Option(
            help="Change nothing; check each link of the index against this folder of built HTML, "
            "and exit 1 if any is wrong."
        ),
    ] = None,
) -> int:
    """Bring the index up to date with a folder of documentation."""
    if base_url is not None and not (base_url.startswith("/") or is_web_address(base_url)):
        # Browsers would take it for a folder beside the page with the link.
        problem = f"{base_url} is neither like https://docs.example.com/ nor like /docs/"
        raise SettingsError("--base-url", problem)
    # By asyncio's own `run`: anyio's loads a backend, which only a run with work to do needs.
    settings = StoreSettings() if index is None else StoreSettings(index_dir=index)
    request = Request(
        docs,
        base_url=base_url,
        generator=None if generator is None else generator_named(generator),
        version_pattern=version_pattern,
        locale_pattern=locale_pattern,
        rebuild=rebuild,
        strict=strict,
    )
    if watch:
        if check or dry_run or verify_site is not None:
            raise SettingsError("--watch", "it changes the index, which the other option does not")
        asyncio.run(_watch(settings, request, as_json))
        return 0
    if verify_site is not None:
        if not verify_site.is_dir():
            raise SourceError(verify_site, "there is no such folder")
        return asyncio.run(_verify(settings, verify_site))
    if check:
        return asyncio.run(_check(settings, request, as_json))
    if dry_run:
        return asyncio.run(_estimate(settings, request, as_json))
    if if_missing and asyncio.run(index_exists(settings)):
        sys.stderr.write("There is an index already.\n")
        return 0
    return asyncio.run(_ingest(settings, request, as_json))


async def _check(settings: StoreSettings, request: Request, as_json: bool) -> int:
    async with _embedder(settings) as embedder:
        plan = await compare(settings, embedder, request)
    _print(report.plan_as_json(plan), report.plan_in_words(plan), as_json=as_json)
    return 0 if plan.is_empty else EXIT_BEHIND


async def _estimate(settings: StoreSettings, request: Request, as_json: bool) -> int:
    async with _embedder(settings) as embedder:
        estimate = await estimate_cost(settings, embedder, request)
    _print(report.estimate_as_json(estimate), report.estimate_in_words(estimate), as_json=as_json)
    return 0


async def _verify(settings: StoreSettings, site: Path) -> int:
    from ingest.verify import count_links, wrong_links

    async with _embedder(settings) as embedder:
        index = await open_index(settings, embedder)
        try:
            pages = await index.pages()
            wrong = list(wrong_links(pages, index.manifest.base_url, site))
        finally:
            await index.close()
    for link in wrong:
        sys.stdout.write(f"{link}\n")
    sys.stdout.write(f"{len(wrong)} of {count_links(pages)} links are wrong.\n")
    return EXIT_WRONG_LINKS if wrong else 0


async def _ingest(settings: StoreSettings, request: Request, as_json: bool) -> int:
    async with _embedder(settings) as embedder:
        _tell(await _run(settings, embedder, request), as_json=as_json)
    return 0


async def _watch(settings: StoreSettings, request: Request, as_json: bool) -> None:
    async with _embedder(settings) as embedder:
        rebuild = request.rebuild

        async def ingest_again() -> None:
            nonlocal rebuild
            summary = await _run(settings, embedder, replace(request, rebuild=rebuild))
            rebuild = False
            # Rounds that find nothing to do can be many.
            if not summary.plan.is_empty:
                _tell(summary, as_json=as_json)
                sys.stdout.flush()

        from ingest.watch import watch as watch_site

        if sys.stderr.isatty():
            sys.stderr.write(f"Watching {request.docs}; Ctrl-C ends it.\n")
        await watch_site(request.site, ingest_again)


async def _run(settings: StoreSettings, embedder: DocumentEmbedder, request: Request) -> Summary:
    with show_progress() as progress:
        return await bring_up_to_date(settings, embedder, request, progress=progress)


def _tell(summary: Summary, *, as_json: bool) -> None:
    for notice in summary.notices:
        sys.stderr.write(f"warning: {notice}\n")
    _print(report.as_json(summary), report.in_words(summary), as_json=as_json)


@asynccontextmanager
async def _embedder(settings: StoreSettings) -> AsyncIterator[DocumentEmbedder]:
    embedder = open_caching_embedder(settings)
    try:
        yield embedder
    finally:
        await embedder.close()


def _print(summary: dict[str, object], words: str, *, as_json: bool) -> None:
    sys.stdout.write(f"{json.dumps(summary) if as_json else words}\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()
    gc.enable()
    run_command(app)
