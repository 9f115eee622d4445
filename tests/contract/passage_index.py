"""What every engine of the passage index must do, whichever it is.

An engine's test module inherits `PassageIndexContract` and provides the fixture `engine`.
"""

import hashlib
import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, Protocol
from uuid import NAMESPACE_URL, uuid5

import anyio
import anyio.lowlevel
import pytest

from store.errors import IndexMismatchError, IndexMissingError
from store.index import manifests
from store.index.lexical import LEXICAL_TERMS, document_terms
from store.ports import Embedder, IndexWriter, PassageIndex, Vector
from store.records import (
    NOBODY,
    Audience,
    IndexedPassage,
    Manifest,
    Page,
    Passage,
    Scope,
    ScoredPassage,
    Section,
)


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
        self, embedder: Embedder = EMBEDDER, *, rebuild: bool = False
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


def indexed(passage: Passage) -> IndexedPassage:
    return IndexedPassage(
        passage=passage,
        vector=EMBEDDER.vector(passage.text),
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


async def put_corpus(writer: IndexWriter, corpus: Corpus) -> None:
    await writer.put_pages(
        [make_page(path, text="\n".join(texts)) for path, texts in corpus.items()]
    )
    await writer.put_passages(
        [
            indexed(make_passage(path, text, position=position))
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


class PassageIndexContract:
    """The suite; `engine` is empty when a test begins."""

    async def test_a_missing_index_is_named(self, engine: IndexEngine) -> None:
        with pytest.raises(IndexMissingError, match="make ingest"):
            await engine.index()

    async def test_records_come_back_as_they_were(self, engine: IndexEngine) -> None:
        page = replace(
            make_page("a/ü 文.md", title="Título — 雪 🎿", text="línea\n\n```sh\n# c\n```\n"),
            version="3.11",
            locale="pt-BR",
        )
        first = replace(
            make_passage(page.path, "first ", title=page.title),
            version="3.11",
            locale="pt-BR",
            code_languages=("sh",),
        )
        second = make_passage(
            page.path, "第二\u200b", position=1, anchor="set-up", title=page.title
        )
        writer = await engine.writer()
        await writer.put_pages([page])
        await writer.put_passages([indexed(second), indexed(first)])
        await writer.publish(make_manifest())
        index = await engine.index()

        assert await index.page(page.path) == page
        assert await index.pages() == [replace(page, text="")]
        assert await index.passages(page.path) == [first, second]
        assert await index.passages(page.path, anchor="set-up") == [second]
        assert await index.passages(page.path, anchor="none") == []
        assert await index.page("none.md") is None
        assert await index.passages("none.md") == []
        assert (await search(index, "第二"))[0].passage == second

    async def test_the_manifest_carries_the_generation(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        manifest = (await engine.index()).manifest
        assert manifest == replace(make_manifest(), generation=1, lexical=LEXICAL_TERMS)

    async def test_both_searches_count(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        assert (await texts_found(index, "create_engine"))[0] == CORPUS["install.md"][1]
        assert (await texts_found(index, "engine"))[0] == CORPUS["install.md"][1]
        assert (await texts_found(index, "deploying containers"))[0] == CORPUS["deploy.md"][0]
        assert (await texts_found(index, "数据库"))[0] == CORPUS["zh.md"][0]
        assert (await texts_found(index, "cafe strasse größe"))[0] == CORPUS["de.md"][0]

    async def test_results_are_ranked_limited_and_only_passages(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        results = await search(index, "deploy the package behind a proxy", limit=3)
        assert len(results) == 3
        scores = [result.score for result in results]
        assert scores == sorted(scores, reverse=True)
        everything = await search(index, "deploy the package", limit=100)
        assert {result.passage.text for result in everything} == {
            text for texts in CORPUS.values() for text in texts
        }

    async def test_each_result_carries_its_similarity_however_it_was_found(
        self, engine: IndexEngine
    ) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        vector = EMBEDDER.vector("install the package")
        results = await index.search(text="create_engine", vector=vector, candidates=1)
        assert [result.passage.text for result in results] == list(CORPUS["install.md"])
        for result in results:
            other = EMBEDDER.vector(result.passage.text)
            cosine = sum(one * two for one, two in zip(vector, other, strict=True))
            assert result.similarity == pytest.approx(cosine, abs=1e-6)

    async def test_a_scope_filters_by_version_and_locale(self, engine: IndexEngine) -> None:
        written = {
            "v1/a.md": ("1.0", "en"),
            "v2/a.md": ("2.0", "en"),
            "v2/de/a.md": ("2.0", "de"),
            "licence.md": ("", ""),
        }
        writer = await engine.writer()
        await writer.put_passages(
            [
                indexed(
                    replace(make_passage(path, f"Deploy {path}"), version=version, locale=locale)
                )
                for path, (version, locale) in written.items()
            ]
        )
        await writer.publish(make_manifest())
        index = await engine.index()

        async def found(*, version: str = "", locale: str = "", page: str = "") -> set[str]:
            vector = EMBEDDER.vector("deploy")
            scope = Scope(version=version, locale=locale, page=page)
            results = await index.search(text="deploy", vector=vector, scope=scope)
            return {result.passage.path for result in results}

        assert await found() == set(written)
        assert await found(page="v1/a.md") == set(written)
        assert await found(version="1.0") == {"v1/a.md", "licence.md"}
        assert await found(version="2.0") == {"v2/a.md", "v2/de/a.md", "licence.md"}
        assert await found(version="2.0", locale="de") == {"v2/de/a.md", "licence.md"}
        assert await found(locale="de-CH") == {"v2/de/a.md", "licence.md"}
        assert await found(locale="fr") == {"licence.md"}

    async def test_a_search_finds_what_its_reader_may_read(self, engine: IndexEngine) -> None:
        audiences = {
            "public.md": Audience(),
            "staff.md": Audience(roles=("staff", "admin")),
            "acme.md": Audience(tenants=("acme",)),
            "acme-staff.md": Audience(roles=("staff",), tenants=("acme", "other")),
            "nobody.md": NOBODY,
        }
        writer = await engine.writer()
        await writer.put_pages(
            [replace(make_page(path), audience=audience) for path, audience in audiences.items()]
        )
        await writer.put_passages(
            [
                indexed(replace(make_passage(path, f"Deploy {path}"), audience=audience))
                for path, audience in audiences.items()
            ]
        )
        await writer.publish(make_manifest())
        index = await engine.index()
        assert index.manifest.restricted == 4
        assert {page.path: page.audience for page in await index.pages()} == audiences

        async def found(scope: Scope | None) -> set[str]:
            vector = EMBEDDER.vector("deploy")
            results = await index.search(text="deploy", vector=vector, scope=scope)
            return {result.passage.path for result in results}

        readers = [
            Scope(roles=frozenset(roles), tenant=tenant)
            for roles in ((), ("staff",), ("admin",), ("staf", ""), ("acme",))
            for tenant in ("", "acme", "other", "staff")
        ]
        for reader in readers:
            allowed = {path for path, audience in audiences.items() if reader.admits(audience)}
            assert await found(reader) == allowed
        assert await found(None) == {"public.md"}
        assert await found(Scope(roles=frozenset({"admin"}))) == {"public.md", "staff.md"}
        assert await found(Scope(tenant="acme")) == {"public.md", "acme.md"}
        # A version that is asked for opens nothing.
        assert await found(Scope(version="2", tenant="acme")) == {"public.md", "acme.md"}

    async def test_an_audience_that_changes_counts_at_once(self, engine: IndexEngine) -> None:
        page, passage = make_page("a.md"), make_passage("a.md", "Deploy it.")
        staff = Audience(roles=("staff",))
        found: list[list[str]] = []
        for audience in (Audience(), staff, Audience()):
            writer = await engine.writer()
            await writer.put_pages([replace(page, audience=audience)])
            put = replace(passage, audience=audience)
            if audience == staff or found:
                await writer.update_passages([put])
            else:
                await writer.put_passages([indexed(put)])
            await writer.publish(make_manifest())
            index = await engine.index()
            results = await index.search(text="deploy", vector=EMBEDDER.vector("deploy"))
            found.append([result.passage.path for result in results])
        assert found == [["a.md"], [], ["a.md"]]

    async def test_fewer_candidates_reach_the_fusion(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        question = "deploy"
        results = await index.search(
            text=question, vector=EMBEDDER.vector(question), limit=10, candidates=1
        )
        assert [result.passage.path for result in results] == ["deploy.md"]

    @pytest.mark.parametrize("question", ["", "the of and", "???", "xyzzy"])
    async def test_a_question_without_terms_still_ranks(
        self, engine: IndexEngine, question: str
    ) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        vector = EMBEDDER.vector("install the package")
        results = await index.search(text=question, vector=vector)
        assert results[0].passage.text == CORPUS["install.md"][0]

    async def test_ties_have_one_order(self, engine: IndexEngine) -> None:
        corpus = {f"v{version}.md": ("Same words.", "same WORDS!") for version in "31425"}
        await publish_corpus(engine, corpus)
        index = await engine.index()
        results = await search(index, "same words")
        found = [(result.passage.path, result.passage.position) for result in results]
        assert found == [(f"v{version}.md", position) for version in "12345" for position in (0, 1)]

    async def test_an_empty_index_finds_nothing(self, engine: IndexEngine) -> None:
        await (await engine.writer()).publish(make_manifest())
        index = await engine.index()
        assert await search(index, "anything") == []
        assert await index.pages() == []

    async def test_the_writer_reads_the_ledger(self, engine: IndexEngine) -> None:
        empty = await engine.writer()
        assert await empty.hashes() == {}
        assert await empty.passage_ids("install.md") == set()
        await put_corpus(empty, CORPUS)
        await empty.publish(make_manifest())

        writer = await engine.writer()
        assert await writer.hashes() == {
            path: make_page(path, text="\n".join(CORPUS[path])).content_hash
            for path in sorted(CORPUS)
        }
        assert await writer.passage_ids("install.md") == {
            make_passage("install.md", text).id for text in CORPUS["install.md"]
        }
        await writer.remove_pages(["install.md"])
        assert await writer.passage_ids("install.md") == set()
        assert "install.md" not in await writer.hashes()
        await writer.abandon()

    async def test_changes_build_on_what_is_published(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        moved = replace(
            make_passage("install.md", CORPUS["install.md"][0]), position=7, anchor="set-up"
        )
        gone = make_passage("install.md", CORPUS["install.md"][1])
        writer = await engine.writer()
        await writer.remove_pages(["zh.md", "de.md", "never-there.md"])
        await writer.remove_passages([gone.id])
        await writer.update_passages([moved])
        await writer.put_pages([make_page("install.md", text="Changed.")])
        await writer.put_passages([indexed(make_passage("new.md", "Brand new telemetry."))])
        await writer.publish(make_manifest())
        index = await engine.index()

        assert index.manifest.generation == 2
        assert await paths_of(index) == ["deploy.md", "install.md"]
        assert await index.page("zh.md") is None
        assert await index.passages("zh.md") == []
        assert await index.passages("install.md") == [moved]
        assert await index.page("install.md") == make_page("install.md", text="Changed.")
        found = await texts_found(index, "telemetry")
        assert found[0] == "Brand new telemetry."
        assert gone.text not in found
        # It was found by its vectors before and is now, though only its record was replaced.
        assert (await search(index, "install package pip linux"))[0].passage == moved

    async def test_a_long_list_is_written_whole(self, engine: IndexEngine) -> None:
        corpus = {f"{number:04}.md": (f"Passage number {number}.",) for number in range(600)}
        await publish_corpus(engine, corpus)
        writer = await engine.writer()
        assert len(await writer.hashes()) == 600
        await writer.remove_pages(sorted(corpus)[:590])
        await writer.publish(make_manifest())
        index = await engine.index()
        assert await paths_of(index) == sorted(corpus)[590:]
        assert len(await search(index, "passage number", limit=100)) == 10

    async def test_nothing_is_visible_before_publishing(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        writer = await engine.writer()
        await writer.remove_pages(sorted(CORPUS))
        assert await paths_of(index) == sorted(CORPUS)
        assert await paths_of(await engine.index()) == sorted(CORPUS)
        await writer.abandon()

    async def test_an_open_reader_moves_over(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        await publish_corpus(engine, {"only.md": ("A wholly different page.",)})
        assert "only.md" in await paths_of(index)
        assert index.manifest.generation == 2
        assert (await texts_found(index, "wholly different"))[0] == "A wholly different page."

    async def test_searches_go_on_while_generations_are_published(
        self, engine: IndexEngine
    ) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        done = anyio.Event()
        answers: list[list[str]] = []

        async def ask() -> None:
            while not done.is_set():
                answers.append(await texts_found(index, "deploy the container"))
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(ask)
            for number in range(4):
                await publish_corpus(engine, {f"extra-{number}.md": (f"Extra page {number}.",)})
                await anyio.sleep(0.01)
            done.set()

        assert len(answers) > 4
        assert {found[0] for found in answers} == {CORPUS["deploy.md"][0]}
        assert "extra-3.md" in await paths_of(index)

    async def test_abandoning_leaves_nothing(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        writer = await engine.writer()
        await writer.remove_pages(["install.md"])
        await writer.abandon()
        await writer.abandon()
        assert await engine.generations() == [1]
        assert await paths_of(await engine.index()) == sorted(CORPUS)

    async def test_abandoning_after_publishing_changes_nothing(self, engine: IndexEngine) -> None:
        writer = await engine.writer()
        await put_corpus(writer, CORPUS)
        await writer.publish(make_manifest())
        await writer.abandon()
        assert await paths_of(await engine.index()) == sorted(CORPUS)

    async def test_two_generations_are_kept(self, engine: IndexEngine) -> None:
        for _ in range(4):
            await publish_corpus(engine)
        assert await engine.generations() == [3, 4]

    async def test_a_rebuild_begins_from_nothing(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        other = WordEmbedder("others", dimension=8)
        writer = await engine.writer(other, rebuild=True)
        assert await writer.hashes() == {}
        await writer.put_pages([make_page("new.md")])
        passage = make_passage("new.md", "New.")
        await writer.put_passages([IndexedPassage(passage, other.vector("New."), document_terms("New."))])
        await writer.publish(make_manifest(other))
        index = await engine.index(other)
        assert await paths_of(index) == ["new.md"]
        assert index.manifest.dimension == 8

    async def test_an_index_of_another_embedder_is_refused(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        with pytest.raises(IndexMismatchError, match=r"words.*others is configured.*REBUILD=1"):
            await engine.index(WordEmbedder("others"))
        with pytest.raises(IndexMismatchError, match="dimension 256, but 8"):
            await engine.index(WordEmbedder(dimension=8))
        with pytest.raises(IndexMismatchError):
            await engine.writer(WordEmbedder("others"))
        # Refusing left nothing locked.
        await (await engine.writer()).abandon()

    async def test_an_index_of_other_terms_is_refused(
        self, engine: IndexEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await publish_corpus(engine)
        monkeypatch.setattr(manifests, "LEXICAL_TERMS", "99")
        with pytest.raises(IndexMismatchError, match=r"BM25 terms.*99 is configured.*REBUILD=1"):
            await engine.index()
        with pytest.raises(IndexMismatchError):
            await engine.writer()
        await (await engine.writer(rebuild=True)).abandon()

    async def test_a_reader_stays_when_the_newer_index_is_not_for_it(
        self, engine: IndexEngine, caplog: pytest.LogCaptureFixture
    ) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        other = WordEmbedder("others")
        await (await engine.writer(other, rebuild=True)).publish(make_manifest(other))
        with caplog.at_level(logging.WARNING):
            assert await paths_of(index) == sorted(CORPUS)
            assert await paths_of(index) == sorted(CORPUS)
        assert index.manifest.generation == 1
        assert caplog.text.count("Still reading generation 1") == 1
