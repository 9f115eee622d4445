"""One run of ingest: plan, build the next generation, publish it."""

# ruff: noqa: PLC0415 - a run that finds nothing to do loads no parser and no tokenizer.

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.changes import Changes
from ingest.document import Notice
from ingest.generators import Generator
from ingest.plan import CHUNKER, Plan, make_plan
from ingest.progress import Progress
from ingest.site import Site
from ingest.sources import Folder, scan
from ingest.urls import DEFAULT_BASE_URL
from store.errors import IndexBusyError, IndexCorruptError, OperatorError
from store.ports import DocumentEmbedder, Embedder, IndexWriter
from store.records import Ledger, Manifest
from store.resources import (
    index_exists,
    open_index,
    open_index_writer,
    published_manifest,
    read_ledger,
)
from store.settings import StoreSettings

if TYPE_CHECKING:
    from ingest.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run.

    Without `base_url` it stays what it was; without `generator` it is detected. The patterns are
    those of `ingest.variants`. `rebuild` begins from nothing; `strict` publishes nothing if
    anything is noticed.
    """

    docs: Path
    base_url: str | None = None
    generator: Generator | None = None
    version_pattern: str = ""
    locale_pattern: str = ""
    rebuild: bool = False
    strict: bool = False

    def site(self, base_url: str = DEFAULT_BASE_URL) -> Site:
        """Look at the docs as the site that is made of them."""
        return Site.of(
            self.docs,
            base_url=base_url,
            generator=self.generator,
            version_pattern=self.version_pattern,
            locale_pattern=self.locale_pattern,
        )


@dataclass(frozen=True, slots=True)
class Publication:
    """A generation that a run published, so many seconds after its beginning."""

    manifest: Manifest
    seconds: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did. `published` are its generations in their order.

    `manifest` is that of what is published now.
    """

    plan: Plan
    changes: Changes
    notices: tuple[Notice, ...]
    generator: str
    manifest: Manifest
    published: tuple[Publication, ...]
    seconds: float

    @property
    def passages(self) -> int:
        """How many passages the index holds."""
        return self.manifest.passages

    @property
    def generation(self) -> int:
        """The generation that is published now."""
        return self.manifest.generation

    @property
    def restricted(self) -> int:
        """How many of its pages not everyone may read."""
        return self.manifest.restricted


class NoticesError(OperatorError):
    """There were notices in a run that was to be strict; nothing was published."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        super().__init__(
            f"{len(notices)} warnings, and --strict is given. The index is unchanged. "
            f"The first: {notices[0]}"
        )
        self.notices = tuple(notices)


async def compare(settings: StoreSettings, embedder: Embedder, request: Request) -> Plan:
    """Return what the docs and the published index differ in, changing nothing."""
    ledger = await _ledger(settings, embedder, request)
    site = _site(request, ledger)
    return _plan(_scan(site.docs, site), site, ledger)


async def estimate_cost(
    settings: StoreSettings, embedder: Embedder, request: Request
) -> "Estimate":
    """Return what a run would read and embed, changing nothing."""
    from ingest.estimate import estimate

    ledger = await _ledger(settings, embedder, request)
    site = _site(request, ledger)
    plan = _plan(_scan(site.docs, site), site, ledger)
    return await estimate(plan, site, embedder)


async def bring_up_to_date(
    settings: StoreSettings, embedder: DocumentEmbedder, request: Request, *, progress: Progress
) -> Summary:
    """Make the index what the folder is.

    A large index is published without vectors first, and with them as the next generation.
    Whatever interrupts it, what was published before stays published. Raises `NoticesError` when
    the request is strict and something was noticed.
    """
    run = _Run(settings, embedder, request, progress)
    return await run.bring_up_to_date()


class _Run:
    def __init__(
        self,
        settings: StoreSettings,
        embedder: DocumentEmbedder,
        request: Request,
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._embedder = embedder
        self._request = request
        self._progress = progress
        self._began = time.monotonic()
        self._published: list[Publication] = []
        self._changes = Changes()

    async def bring_up_to_date(self) -> Summary:
        with self._changes.timed("scan"):
            ledger = await self._ledger()
            site = _site(self._request, ledger)
            folder = _scan(site.docs, site)
            plan = _plan(folder, site, ledger)
        if ledger is None or not plan.is_empty:
            ledger, plan = await self._carry_out(folder, site, plan)
        if self._embedder.dimension and not ledger.manifest.dense:
            ledger = await self._add_vectors(ledger)
        return Summary(
            plan=plan,
            changes=self._changes,
            notices=(*folder.notices, *self._changes.notices),
            generator=site.generator.name,
            manifest=ledger.manifest,
            published=tuple(self._published),
            seconds=time.monotonic() - self._began,
        )

    async def _carry_out(self, folder: Folder, site: Site, plan: Plan) -> tuple[Ledger, Plan]:
        """Publish a generation of what the docs hold now."""
        from ingest.parsing import Parser
        from ingest.pipeline import Pipeline
        from ingest.processes import forked_workers

        request, embedder = self._request, self._embedder
        parser = Parser(site, max_tokens=embedder.max_tokens, count=embedder.count_tokens)
        async with AsyncExitStack() as stack:
            # The writer has threads, so the processes that parse come first.
            workers = stack.enter_context(forked_workers(parser.parse, plan.to_read))
            has_vectors = await _has_vectors(self._settings)
            writer = await stack.enter_async_context(self._writing(rebuild=request.rebuild))
            # Nobody else can publish any more; since the plan was made, somebody may have.
            ledger = await self._ledger()
            plan = _plan(folder, site, ledger)
            dense: bool | None = True
            if not embedder.dimension or (ledger and not ledger.manifest.dense):
                dense = False
            elif ledger is None and not has_vectors:
                dense = None
            if ledger is None and not embedder.dimension:
                await writer.leave_out_vectors()
            pipeline = Pipeline(
                parser.parse,
                writer,
                embedder,
                self._changes,
                dense=dense,
                progress=self._progress,
                workers=workers,
            )
            await pipeline.apply(plan)
            notices = (*folder.notices, *self._changes.notices)
            if request.strict and notices:
                raise NoticesError(notices)
            if ledger is not None and not pipeline.has_changed_anything:
                return ledger, plan
            before = ledger.manifest if ledger else None
            changes = self._changes
            manifest = Manifest(
                generation=0,  # The writer numbers it.
                embedder=embedder.name,
                dimension=embedder.dimension,
                chunker=_rules(site),
                docs=str(request.docs),
                base_url=site.base_url,
                pages=len(await writer.hashes()),
                passages=(before.passages if before else 0) + changes.added - changes.removed,
                created_at=_now(),
                answer_threshold=before.answer_threshold if before else None,
                dense=pipeline.dense,
            )
            return await self._publish(writer, manifest), plan

    async def _add_vectors(self, ledger: Ledger) -> Ledger:
        """Publish the lexical generation anew, with vectors."""
        from ingest.vectors import add_vectors

        async with self._writing(rebuild=True) as writer:
            index = await open_index(self._settings, self._embedder)
            try:
                if index.manifest.generation != ledger.manifest.generation:
                    raise IndexBusyError(str(self._settings.index_dir))
                await add_vectors(
                    ledger.hashes,
                    index,
                    writer,
                    self._embedder,
                    changes=self._changes,
                    progress=self._progress,
                )
            finally:
                await index.close()
            return await self._publish(
                writer, replace(ledger.manifest, dense=True, created_at=_now())
            )

    @asynccontextmanager
    async def _writing(self, *, rebuild: bool) -> AsyncIterator[IndexWriter]:
        writer = await open_index_writer(self._settings, self._embedder, rebuild=rebuild)
        try:
            yield writer
        finally:
            await writer.abandon()

    async def _publish(self, writer: IndexWriter, manifest: Manifest) -> Ledger:
        self._progress.expect("Optimizing")
        with self._changes.timed("optimize"):
            await writer.optimize()
        self._progress.advance("Optimizing")
        with self._changes.timed("publish"):
            await writer.publish(manifest)
            ledger = await read_ledger(self._settings, self._embedder)
        self._published.append(Publication(ledger.manifest, time.monotonic() - self._began))
        self._progress.published(ledger.manifest)
        return ledger

    async def _ledger(self) -> Ledger | None:
        return await _ledger(self._settings, self._embedder, self._request)


async def _ledger(settings: StoreSettings, embedder: Embedder, request: Request) -> Ledger | None:
    """Return what the index was made from; None when a run begins from nothing."""
    if request.rebuild or not await index_exists(settings):
        return None
    return await read_ledger(settings, embedder)


async def _has_vectors(settings: StoreSettings) -> bool:
    """Tell whether readers would lose the search by meaning if a lexical generation came."""
    try:
        manifest = await published_manifest(settings)
    except IndexCorruptError:
        return False
    return manifest is not None and manifest.dense


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _scan(docs: Path, site: Site) -> Folder:
    folder = scan(docs, is_page=site.is_page, included=site.included)
    return replace(folder, notices=(*site.notices, *folder.notices))


def _site(request: Request, ledger: Ledger | None) -> Site:
    """Publish under the given base URL; without one, under the one that these docs had before."""
    base_url = request.base_url
    if base_url is None:
        same_docs = ledger is not None and ledger.manifest.docs == str(request.docs)
        base_url = ledger.manifest.base_url if ledger and same_docs else DEFAULT_BASE_URL
    return request.site(base_url)


def _rules(site: Site) -> str:
    return f"{CHUNKER}/{site.rules}"


def _plan(folder: Folder, site: Site, ledger: Ledger | None) -> Plan:
    if ledger is None:
        return make_plan(folder.files, {}, refresh=False)
    manifest = ledger.manifest
    refresh = (manifest.chunker, manifest.base_url) != (_rules(site), site.base_url)
    return make_plan(folder.files, ledger.hashes, refresh=refresh)
