"""A file becomes a page and its passages, ready to be put into an index."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ingest.chunking import Chunker
from ingest.document import Document, Notice
from ingest.generators import generator_named
from ingest.indexed_text import indexed_texts
from ingest.site import Site
from ingest.sources import SourceError, SourceFile, read_source
from ingest.variants import Variants
from store.index.lexical import document_terms
from store.records import Page, Passage, TermWeights


@dataclass(frozen=True, slots=True)
class CutPassage:
    """A passage with what it is found by: the text that is embedded, and BM25's terms."""

    passage: Passage
    embedded_text: str
    terms: TermWeights

    @classmethod
    def of(cls, passage: Passage) -> "CutPassage":
        """Make what a passage is found by."""
        texts = indexed_texts(passage.heading_path, passage.text)
        return cls(passage, texts.embedded, document_terms(texts.lexical))


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """What became of a file; `page` is None when nothing could be made of it.

    The seconds are those of its parsing and its chunking.
    """

    file: SourceFile
    page: Page | None
    passages: tuple[CutPassage, ...] = ()
    notices: tuple[Notice, ...] = ()
    parse_seconds: float = 0.0
    chunk_seconds: float = 0.0


class Parser:
    """Reads the pages of a site and cuts them into passages that suit one embedder.

    It can be sent to another process. `max_tokens` and `count` are the embedder's.
    """

    def __init__(self, site: Site, *, max_tokens: int, count: Callable[[str], int]) -> None:
        self._site = site
        self._max_tokens = max_tokens
        self._count = count

    def __reduce__(self) -> tuple[object, ...]:
        site = self._site
        place = (site.docs, site.project, site.generator.name, site.base_url, site.variants)
        return _unpickled, (place, self._max_tokens, self._count)

    def parse(self, file: SourceFile) -> ParsedPage:
        """Read and cut one file. Raises `SourceError` when it can't be read any more."""
        began = time.monotonic()
        try:
            return self._parse(file, began)
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001
            # Whatever a page makes its reader do costs this page, and not the thousands beside it.
            problem = " ".join(f"{type(error).__name__}: {error}".split())
            notice = Notice(file.path, 1, f"can't be parsed ({problem}); left out")
            return ParsedPage(file, None, notices=(notice,), parse_seconds=time.monotonic() - began)

    def _parse(self, file: SourceFile, began: float) -> ParsedPage:
        source = read_source(file)
        document = self._site.read(file.path, source.text)
        page = _page(file, self._site, document)
        parsed = time.monotonic()
        passages = self._chunker.passages(
            page.path, page.url, document, version=page.version, locale=page.locale
        )
        notices = [*source.notices, *document.notices]
        # A page of which something else was said is told of already.
        if not passages and not document.lists_pages and not notices:
            notices.append(Notice(file.path, 1, "an empty page: there is no text to search for"))
        return ParsedPage(
            file,
            page,
            tuple(map(CutPassage.of, passages)),
            tuple(notices),
            parse_seconds=parsed - began,
            chunk_seconds=time.monotonic() - parsed,
        )

    @cached_property
    def _chunker(self) -> Chunker:
        return Chunker(max_tokens=self._max_tokens, count=self._count)


def _unpickled(
    place: tuple[Path, Path, str, str, Variants],
    max_tokens: int,
    count: Callable[[str], int],
) -> Parser:
    docs, project, generator, base_url, variants = place
    site = Site(docs, project, generator_named(generator), base_url, variants)
    return Parser(site, max_tokens=max_tokens, count=count)


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
