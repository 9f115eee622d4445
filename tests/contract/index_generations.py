"""How every engine of the passage index builds generations and moves over to them.

An engine's test module inherits `GenerationsContract` and provides the fixture `engine`.
"""

import logging
from dataclasses import replace

import anyio
import pytest

from store.errors import IndexMismatchError
from store.index import manifests
from store.index.lexical import document_terms
from store.records import IndexedPassage
from tests.contract.index_samples import (
    CORPUS,
    IndexEngine,
    WordEmbedder,
    indexed,
    make_manifest,
    make_page,
    make_passage,
    paths_of,
    publish_corpus,
    publish_lexical_corpus,
    put_corpus,
    search,
    texts_found,
)


class GenerationsContract:
    """The suite; `engine` is empty when a test begins."""

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

    async def test_what_a_reader_knows_is_of_one_generation(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        before = make_passage("deploy.md", CORPUS["deploy.md"][0])
        await index.pages()
        assert (await search(index, "deploy"))[0].passage == before
        assert before in await index.passages("deploy.md", anchor=before.anchor)
        writer = await engine.writer()
        after = replace(before, url="https://docs.example/moved#top")
        await writer.update_passages([after])
        await writer.put_pages([make_page("deploy.md", title="Changed")])
        await writer.publish(make_manifest())
        assert [page.title for page in await index.pages() if page.path == "deploy.md"] == [
            "Changed"
        ]
        assert (await search(index, "deploy"))[0].passage == after
        assert after in await index.passages("deploy.md", anchor=after.anchor)

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
                # Some searches at each moment are enough; more of them only take the cores.
                await anyio.sleep(0.005)

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

    async def test_as_many_older_generations_are_kept_as_are_wanted(
        self, engine: IndexEngine
    ) -> None:
        for _ in range(5):
            writer = await engine.writer(keep_generations=3)
            await writer.put_pages([make_page("one.md")])
            await writer.publish(make_manifest())
        assert await engine.generations() == [2, 3, 4, 5]
        await publish_corpus(engine)
        assert await engine.generations() == [5, 6]

    async def test_a_rebuild_begins_from_nothing(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        other = WordEmbedder("others", dimension=8)
        writer = await engine.writer(other, rebuild=True)
        assert await writer.hashes() == {}
        await writer.put_pages([make_page("new.md")])
        passage = make_passage("new.md", "New.")
        await writer.put_passages(
            [IndexedPassage(passage, other.vector("New."), document_terms("New."))]
        )
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

    async def test_vectors_follow_in_the_next_generation(self, engine: IndexEngine) -> None:
        await publish_lexical_corpus(engine)
        index = await engine.index()
        assert await search(index, "xyzzy") == []

        writer = await engine.writer(rebuild=True)
        await put_corpus(writer, CORPUS)
        await writer.optimize()
        await writer.publish(make_manifest())

        assert len(await search(index, "xyzzy")) == sum(map(len, CORPUS.values()))
        assert (index.manifest.generation, index.manifest.dense) == (2, True)

    async def test_changes_build_on_an_index_without_vectors(self, engine: IndexEngine) -> None:
        await publish_lexical_corpus(engine)
        writer = await engine.writer()
        await writer.remove_pages(["deploy.md"])
        new = make_passage("new.md", "Deploy anew.")
        await writer.put_passages([indexed(new, dense=False)])
        await writer.publish(replace(make_manifest(), dense=False))
        index = await engine.index()
        assert [one.passage for one in await search(index, "deploy")] == [new]
