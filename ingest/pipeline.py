"""A plan becomes the next generation: read, chunk, embed, write."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.chunking import Chunker
from ingest.document import Document, Notice
from ingest.indexed_text import embedded_text, lexical_text
from ingest.plan import Plan
from ingest.site import Site
from ingest.sources import SourceFile, read_source
from store.ports import Embedder, IndexWriter
from store.records import IndexedPassage, Page, Passage

# Passages that are embedded and written together: what bounds memory.
_BATCH = 128

OnFile = Callable[[SourceFile], None]


@dataclass(slots=True)
class Changes:
    """What became of the passages, counted, and what was noticed on the way.

    `embedded` counts the distinct texts that the embedder was given, `tokens` those of the
    passages that were added. `seconds` is the time that each stage took.
    """

    added: int = 0
    removed: int = 0
    kept: int = 0
    embedded: int = 0
    tokens: int = 0
    notices: list[Notice] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time that the block takes to a stage's."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - began


@dataclass(slots=True)
class _Batch:
    files: list[SourceFile] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    added: list[Passage] = field(default_factory=list)
    kept: list[Passage] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


class Pipeline:
    """Brings one unpublished generation up to date; publishing it is the caller's."""

    def __init__(self, site: Site, writer: IndexWriter, embedder: Embedder) -> None:
        self._site = site
        self._writer = writer
        self._embedder = embedder
        self._chunker = Chunker(max_tokens=embedder.max_tokens, count=embedder.count_tokens)
        self._changes = Changes()

    async def apply(self, plan: Plan, *, on_file: OnFile) -> Changes:
        """Carry out `plan`; `on_file` is called when a file's passages are in the index."""
        for path in plan.gone_paths:
            self._changes.removed += len(await self._writer.passage_ids(path))
        await self._writer.remove_pages(plan.gone_paths)
        known = {file.path for file in (*plan.changed, *plan.refreshed)}
        batch = _Batch()
        for file in plan.to_read:
            await self._read(file, batch, is_known=file.path in known)
            if len(batch.added) + len(batch.kept) >= _BATCH:
                await self._write(batch, on_file)
                batch = _Batch()
        await self._write(batch, on_file)
        return self._changes

    async def _read(self, file: SourceFile, batch: _Batch, *, is_known: bool) -> None:
        with self._changes.timed("parse"):
            source = read_source(file)
            document = self._site.read(file.path, source.text)
            page = _page(file, self._site, document)
        with self._changes.timed("chunk"):
            passages = self._chunker.passages(
                page.path, page.url, document, version=page.version, locale=page.locale
            )
        self._changes.notices += (*source.notices, *document.notices)
        if not passages:
            self._changes.notices.append(Notice(file.path, 1, "nothing to search for in this page"))
        old = await self._writer.passage_ids(file.path) if is_known else set()
        new = {passage.id for passage in passages}
        batch.files.append(file)
        batch.pages.append(page)
        batch.added += [passage for passage in passages if passage.id not in old]
        batch.kept += [passage for passage in passages if passage.id in old]
        batch.removed += sorted(old - new)

    async def _write(self, batch: _Batch, on_file: OnFile) -> None:
        texts = [embedded_text(passage.heading_path, passage.text) for passage in batch.added]
        distinct = list(dict.fromkeys(texts))
        with self._changes.timed("embed"):
            vectors = await self._embedder.embed(distinct, kind="document") if distinct else []
        by_text = dict(zip(distinct, vectors, strict=True))
        with self._changes.timed("write"):
            await self._writer.remove_passages(batch.removed)
            await self._writer.update_passages(batch.kept)
            await self._writer.put_passages(
                [
                    IndexedPassage(passage, by_text[text], _lexical_text(passage))
                    for passage, text in zip(batch.added, texts, strict=True)
                ]
            )
            await self._writer.put_pages(batch.pages)
        self._changes.added += len(batch.added)
        self._changes.embedded += len(distinct)
        self._changes.tokens += sum(passage.tokens for passage in batch.added)
        self._changes.kept += len(batch.kept)
        self._changes.removed += len(batch.removed)
        for file in batch.files:
            on_file(file)


def _lexical_text(passage: Passage) -> str:
    return lexical_text(passage.heading_path, passage.text)


def _page(file: SourceFile, site: Site, document: Document) -> Page:
    return Page(
        path=file.path,
        title=document.title,
        url=site.url(file.path, document),
        content_hash=file.content_hash,
        sections=tuple(content.section for content in document.sections),
        text=document.text,
        version=site.variants.version_of(file.path, document.fields),
        locale=site.variants.locale_of(file.path, document.fields),
        audience=document.audience,
    )
