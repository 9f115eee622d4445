"""One run of ingest: plan, build the next generation, publish it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.chunking import CHUNKER
from ingest.document import Notice
from ingest.pipeline import Changes, Pipeline
from ingest.plan import Plan, make_plan
from ingest.site import Site
from ingest.sources import Folder, SourceFile, scan
from ingest.urls import DEFAULT_BASE_URL
from store.ports import Embedder
from store.records import Manifest, Page
from store.resources import index_exists, open_index, open_index_writer
from store.settings import StoreSettings

Progress = Callable[[Plan], Callable[[SourceFile], None]]


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
    def generation(self) -> int:
        """The number of the generation; 0 when there is none."""
        return self.manifest.generation if self.manifest else 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did. `generation` is the one that is published now; 0 when there is none."""

    plan: Plan
    changes: Changes
    notices: tuple[Notice, ...]
    passages: int
    generation: int
    seconds: float


async def compare(
    docs: Path, settings: StoreSettings, embedder: Embedder, *, base_url: str | None
) -> Plan:
    """Return what `docs` and the published index differ in, changing nothing."""
    published = await _published(settings, embedder)
    site = _site(docs, base_url, published.manifest)
    return _plan(_scan(docs, site), site, published)


async def bring_up_to_date(
    docs: Path,
    settings: StoreSettings,
    embedder: Embedder,
    *,
    base_url: str | None,
    rebuild: bool,
    progress: Progress,
) -> Summary:
    """Make the index what the folder is; with `rebuild`, from nothing.

    Whatever interrupts it, what was published before stays published.
    """
    started = time.monotonic()
    published = PublishedIndex() if rebuild else await _published(settings, embedder)
    site = _site(docs, base_url, published.manifest)
    folder = _scan(docs, site)
    plan = _plan(folder, site, published)
    changes = Changes()
    if published.manifest is None or not plan.is_empty:
        writer = await open_index_writer(settings, embedder, rebuild=rebuild)
        try:
            changes = await Pipeline(site, writer, embedder).apply(plan, on_file=progress(plan))
            manifest = Manifest(
                generation=0,  # The writer numbers it.
                embedder=embedder.name,
                dimension=embedder.dimension,
                chunker=_rules(site),
                docs=str(docs),
                base_url=site.base_url,
                pages=len(folder.files),
                passages=published.passages + changes.added - changes.removed,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            await writer.publish(manifest)
        finally:
            await writer.abandon()
        published = await _published(settings, embedder)
    return Summary(
        plan=plan,
        changes=changes,
        notices=(*folder.notices, *changes.notices),
        passages=published.passages,
        generation=published.generation,
        seconds=time.monotonic() - started,
    )


async def _published(settings: StoreSettings, embedder: Embedder) -> PublishedIndex:
    if not await index_exists(settings):
        return PublishedIndex()
    index = await open_index(settings, embedder)
    try:
        return PublishedIndex(index.manifest, tuple(await index.pages()))
    finally:
        await index.close()


def _scan(docs: Path, site: Site) -> Folder:
    return scan(docs, is_page=site.is_page, included=site.included)


def _site(docs: Path, base_url: str | None, manifest: Manifest | None) -> Site:
    """Publish under `base_url`; not given, under the one that these docs had before."""
    if base_url is None:
        same_docs = manifest is not None and manifest.docs == str(docs)
        base_url = manifest.base_url if manifest and same_docs else DEFAULT_BASE_URL
    return Site.of(docs, base_url=base_url)


def _rules(site: Site) -> str:
    return f"{CHUNKER}/{site.generator.name}"


def _plan(folder: Folder, site: Site, published: PublishedIndex) -> Plan:
    manifest = published.manifest
    rules = (_rules(site), site.base_url)
    refresh = manifest is not None and (manifest.chunker, manifest.base_url) != rules
    return make_plan(folder.files, published.pages, refresh=refresh)
