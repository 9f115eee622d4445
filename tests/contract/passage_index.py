"""How every engine of the passage index reads and searches.

An engine's test module inherits `PassageIndexContract` and provides the fixture `engine`.
"""

from dataclasses import replace

import pytest

from store.errors import IndexMissingError
from store.index.lexical import LEXICAL_TERMS
from store.records import NOBODY, Audience, Scope
from tests.contract.index_samples import (
    CORPUS,
    EMBEDDER,
    IndexEngine,
    indexed,
    make_manifest,
    make_page,
    make_passage,
    publish_corpus,
    publish_lexical_corpus,
    search,
    texts_found,
)


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

    async def test_what_is_known_already_is_found_alike(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        for vector in (EMBEDDER.vector("install the package"), []):
            for candidates in (1, 2, 50):
                known, anew = [
                    await each.search(text="deploy linux", vector=vector, candidates=candidates)
                    for each in (index, await engine.index())
                ]
                assert known == anew
        for _ in range(2):
            section = await index.passages("install.md", anchor="top")
            assert [passage.text for passage in section] == list(CORPUS["install.md"])
            section.clear()
            pages = await index.pages()
            assert [page.path for page in pages] == sorted(CORPUS)
            pages.clear()

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

    async def test_an_index_without_vectors_is_searched_by_words(self, engine: IndexEngine) -> None:
        await publish_lexical_corpus(engine)
        index = await engine.index()
        assert not index.manifest.dense
        found = await search(index, "deploy the container")
        assert [one.passage.path for one in found] == ["deploy.md", "deploy.md"]
        assert found[0].passage.text == CORPUS["deploy.md"][0]
        assert found[0].score == 1.0 > found[1].score > 0
        assert {one.similarity for one in found} == {None}
        assert await search(index, "deploy the container", limit=1) == found[:1]
        assert await search(index, "the of and") == []
        scope = Scope(version="2")
        assert len(await index.search(text="deploy", vector=[], scope=scope)) == 2

    async def test_without_a_vector_the_search_is_by_words(self, engine: IndexEngine) -> None:
        await publish_corpus(engine)
        index = await engine.index()
        found = await index.search(text="deploy the container", vector=[])
        assert [one.passage.path for one in found] == ["deploy.md", "deploy.md"]
        assert {one.similarity for one in found} == {None}
