"""An embedder, pages and passages for tests of a passage index."""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, Protocol
from uuid import NAMESPACE_URL, uuid5

from store.index.lexical import document_terms
from store.ports import Embedder, IndexWriter, PassageIndex, Vector
from store.records import IndexedPassage, Manifest, Page, Passage, ScoredPassage, Section


class WordEmbedder:
    """A small true embedder: texts that share words are near each other."""

    max_tokens = 256

    def __init__(self, name: str = "words", dimension: int = 256) -> None:
        self.name = name
        self.dimension = dimension
        self.tokens_embedded = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def vector(self, text: str) -> Vector:
        counts = [0.0] * self.dimension
        for word in re.findall(r"\w+", text.lower()):
            counts[hashlib.sha256(word.encode()).digest()[0] % self.dimension] += 1.0
        length = math.hypot(*counts) or 1.0
        return [count / length for count in counts]

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        assert kind in {"query", "document"}
        self.tokens_embedded += sum(map(self.count_tokens, texts))
        return [self.vector(text) for text in texts]

    async def close(self) -> None:
        """Nothing is held."""


EMBEDDER = WordEmbedder()


class IndexEngine(Protocol):
    """How a test opens the engine that it is about."""

    async def index(self, embedder: Embedder = EMBEDDER) -> PassageIndex: ...

    async def writer(
        self, embedder: Embedder = EMBEDDER, *, rebuild: bool = False, keep_generations: int = 1
    ) -> IndexWriter: ...

    async def generations(self) -> list[int]:
        """Return the numbers of all generations that are stored, finished or not."""
        ...


def make_page(path: str, *, title: str = "Guide", text: str = "Text.") -> Page:
    return Page(
        path=path,
        title=title,
        url=f"https://docs.example/{path}",
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        sections=(
            Section(heading=title, level=1, anchor="top", line=1, heading_path=(title,)),
            Section(
                heading="Set-up", level=2, anchor="set-up", line=9, heading_path=(title, "Set-up")
            ),
        ),
        text=text,
    )


def make_passage(
    path: str, text: str, *, position: int = 0, anchor: str = "top", title: str = "Guide"
) -> Passage:
    return Passage(
        id=str(uuid5(NAMESPACE_URL, f"{path}\n{text}")),
        path=path,
        title=title,
        heading_path=(title,),
        anchor=anchor,
        url=f"https://docs.example/{path}#{anchor}",
        text=text,
        position=position,
        start_line=position * 10 + 1,
        end_line=position * 10 + 9,
        tokens=len(text.split()),
    )


def indexed(passage: Passage, *, dense: bool = True) -> IndexedPassage:
    return IndexedPassage(
        passage=passage,
        vector=EMBEDDER.vector(passage.text) if dense else [],
        terms=document_terms(passage.text),
    )


def make_manifest(embedder: Embedder = EMBEDDER) -> Manifest:
    return Manifest(
        generation=0,
        embedder=embedder.name,
        dimension=embedder.dimension,
        chunker="1",
        docs="docs",
        base_url="",
        pages=1,
        passages=1,
        created_at="2026-11-21T08:00:00+00:00",
    )


Corpus = Mapping[str, Sequence[str]]
"""The passages of each page, by path."""

CORPUS: Corpus = {
    "install.md": (
        "Install the package with pip on Linux.",
        "Use create_engine to connect to the database.",
    ),
    "deploy.md": ("Deploy the container behind a proxy.", "Set HTTP_PROXY before the deployment."),
    "zh.md": ("如何安装软件和数据库。",),
    "de.md": ("Die Größe der Straße über dem Café.",),
}


async def publish_corpus(engine: IndexEngine, corpus: Corpus = CORPUS) -> None:
    writer = await engine.writer()
    await put_corpus(writer, corpus)
    await writer.publish(make_manifest())


async def publish_lexical_corpus(engine: IndexEngine) -> None:
    """Publish the corpus as a large one is at first: without vectors."""
    writer = await engine.writer()
    await writer.leave_out_vectors()
    await put_corpus(writer, CORPUS, dense=False)
    await writer.publish(replace(make_manifest(), dense=False))


async def put_corpus(writer: IndexWriter, corpus: Corpus, *, dense: bool = True) -> None:
    await writer.put_pages(
        [make_page(path, text="\n".join(texts)) for path, texts in corpus.items()]
    )
    await writer.put_passages(
        [
            indexed(make_passage(path, text, position=position), dense=dense)
            for path, texts in corpus.items()
            for position, text in enumerate(texts)
        ]
    )


async def search(index: PassageIndex, question: str, *, limit: int = 10) -> list[ScoredPassage]:
    return await index.search(text=question, vector=EMBEDDER.vector(question), limit=limit)


async def texts_found(index: PassageIndex, question: str) -> list[str]:
    return [result.passage.text for result in await search(index, question)]


async def paths_of(index: PassageIndex) -> list[str]:
    return [page.path for page in await index.pages()]
