"""One run of ingest: plan, build the next generation, publish it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.chunking import CHUNKER
from ingest.document import Notice
from ingest.estimate import Estimate, estimate
from ingest.generators import Generator
from ingest.pipeline import Changes, Pipeline
from ingest.plan import Plan, make_plan
from ingest.site import Site
from ingest.sources import Folder, SourceFile, scan
from ingest.urls import DEFAULT_BASE_URL
from store.errors import OperatorError
from store.ports import Embedder
from store.records import Manifest, Page
from store.resources import index_exists, open_index, open_index_writer
from store.settings import StoreSettings

Progress = Callable[[Plan], Callable[[SourceFile], None]]


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
class PublishedIndex:
    """What is published now; without a manifest, nothing is."""

    manifest: Manifest | None = None
    pages: tuple[Page, ...] = ()

    @property
    def passages(self) -> int:
        """How many passages it holds."""
        return self.manifest.passages if self.manifest else 0

    @property
    def answer_threshold(self) -> float | None:
        """What its answers were calibrated to, which outlasts changes of the docs."""
        return self.manifest.answer_threshold if self.manifest else None

    @property
    def generation(self) -> int:
        """The number of the generation; 0 when there is none."""
        return self.manifest.generation if self.manifest else 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did. `generation` is the one that is published now; 0 when there is none.

    `restricted` counts its pages that not everyone may read.
    """

    plan: Plan
    changes: Changes
    notices: tuple[Notice, ...]
    generator: str
    passages: int
    generation: int
    seconds: float
    restricted: int = 0


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
    published = await _published(settings, embedder, request)
    site = _site(request, published.manifest)
    return _plan(_scan(request.docs, site), site, published)


async def estimate_cost(settings: StoreSettings, embedder: Embedder, request: Request) -> Estimate:
    """Return what a run would read and embed, changing nothing."""
    published = await _published(settings, embedder, request)
    site = _site(request, published.manifest)
    plan = _plan(_scan(request.docs, site), site, published)
    return estimate(plan, site, embedder)


async def bring_up_to_date(
    settings: StoreSettings, embedder: Embedder, request: Request, *, progress: Progress
) -> Summary:
    """Make the index what the folder is.

    Whatever interrupts it, what was published before stays published. Raises `NoticesError` when
    the request is strict and something was noticed.
    """
    started = time.monotonic()
    published = await _published(settings, embedder, request)
    site = _site(request, published.manifest)
    folder = _scan(request.docs, site)
    plan = _plan(folder, site, published)
    changes = Changes()
    if published.manifest is None or not plan.is_empty:
        writer = await open_index_writer(settings, embedder, rebuild=request.rebuild)
        try:
            # Nobody else can publish any more; since the plan was made, somebody may have.
            published = await _published(settings, embedder, request)
            plan = _plan(folder, site, published)
            changes = await Pipeline(site, writer, embedder).apply(plan, on_file=progress(plan))
            notices = (*folder.notices, *changes.notices)
            if request.strict and notices:
                raise NoticesError(notices)
            manifest = Manifest(
                generation=0,  # The writer numbers it.
                embedder=embedder.name,
                dimension=embedder.dimension,
                chunker=_rules(site),
                docs=str(request.docs),
                base_url=site.base_url,
                pages=len(folder.files),
                passages=published.passages + changes.added - changes.removed,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                answer_threshold=published.answer_threshold,
            )
            with changes.timed("publish"):
                await writer.publish(manifest)
        finally:
            await writer.abandon()
        published = await _published(settings, embedder, replace(request, rebuild=False))
    return Summary(
        plan=plan,
        changes=changes,
        notices=(*folder.notices, *changes.notices),
        generator=site.generator.name,
        passages=published.passages,
        generation=published.generation,
        seconds=time.monotonic() - started,
        restricted=published.manifest.restricted if published.manifest else 0,
    )


async def _published(
    settings: StoreSettings, embedder: Embedder, request: Request
) -> PublishedIndex:
    if request.rebuild or not await index_exists(settings):
        return PublishedIndex()
    index = await open_index(settings, embedder)
    try:
        return PublishedIndex(index.manifest, tuple(await index.pages()))
    finally:
        await index.close()


def _scan(docs: Path, site: Site) -> Folder:
    return scan(docs, is_page=site.is_page, included=site.included)


def _site(request: Request, manifest: Manifest | None) -> Site:
    """Publish under the given base URL; without one, under the one that these docs had before."""
    base_url = request.base_url
    if base_url is None:
        same_docs = manifest is not None and manifest.docs == str(request.docs)
        base_url = manifest.base_url if manifest and same_docs else DEFAULT_BASE_URL
    return request.site(base_url)


def _rules(site: Site) -> str:
    return f"{CHUNKER}/{site.rules}"


def _plan(folder: Folder, site: Site, published: PublishedIndex) -> Plan:
    manifest = published.manifest
    rules = (_rules(site), site.base_url)
    refresh = manifest is not None and (manifest.chunker, manifest.base_url) != rules
    return make_plan(folder.files, published.pages, refresh=refresh)
