"""Searching a real index with the bundled embedder."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import anyio
import pytest

from server.search.abstention import DEFAULT_THRESHOLD, evidence_score
from server.search.retrieval import Retriever
from store.embedders.minilm import MiniLmEmbedder
from store.index.edge import EdgeIndex
from store.index.edge_writer import EdgeWriter
from store.index.lexical import document_terms
from store.records import IndexedPassage, Manifest, Passage, Scope
from tests.contract.passages import make_passage

DOCS = {
    "install.md": ("Installation", "Install the package with `pip install footnote`."),
    "engine.md": ("Connecting", "Call `create_engine(url)` once for each database."),
    "pool.md": ("Pools", "A pool is made with an engine. Create it before the first query."),
    "cache.md": ("Build flags", "`--no-cache` builds every layer of the image again."),
    "caching.md": ("Caching", "The cache keeps answers. There is no limit to the cache."),
    "errors.md": ("Errors", "`OSError: [Errno 98] Address already in use` means a busy port."),
    "ports.md": ("Ports", "Each address is in use by one port of the server."),
    "status.md": ("Status codes", "Answer with `HTTP_404` for what is not there."),
    "proxies.md": ("Proxies", "Over HTTP, 404 tells that nothing is there, by its status code."),
    "models.md": ("Models", "Fields are classes of `django.db.models`."),
    "database.md": ("Django", "Django models are kept in a database, the db of the settings."),
    "changes.md": ("Changes", "3.11.2 mends the cursor. 3.12.0 drops old drivers."),
    "zh.md": ("部署", "使用反向代理部署服务器时，请设置转发头，这样链接才会正确。"),
    "zh-db.md": ("数据库", "备份数据库之前，请先停止写入。"),
    "de.md": ("Bereitstellung", "Hinter einem Proxy müssen die Größen der Puffer gesetzt werden."),
    "de-db.md": ("Datenbank", "Vor der Sicherung der Datenbank wird das Schreiben angehalten."),
}


def passages() -> list[Passage]:
    found = [
        make_passage(text, name=path.removesuffix(".md"), headings=(title,))
        for path, (title, text) in DOCS.items()
    ]
    found = [replace(one, locale="de" if one.path.startswith("de") else "") for one in found]
    upgrade = "Upgrade by stopping the old server, copying its folder and starting the new server."
    found += [
        replace(
            make_passage(
                upgrade, name=f"{version}/upgrade", headings=("Upgrading", f"To {version}")
            ),
            version=version,
        )
        for version in ("1.0", "2.0", "3.0")
    ]
    return [replace(one, id=str(uuid5(NAMESPACE_URL, one.path))) for one in found]


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder.bundled()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLmEmbedder) -> Path:
    """Return the folder of an index of `passages`."""
    folder = tmp_path_factory.mktemp("index")
    anyio.run(publish, folder, embedder)
    return folder


async def publish(folder: Path, embedder: MiniLmEmbedder) -> None:
    found = passages()
    texts = [f"{' > '.join(one.heading_path)}\n{one.text}" for one in found]
    vectors = await embedder.embed(texts, kind="document")
    writer = await EdgeWriter.open(folder, embedder)
    await writer.put_passages(
        [
            IndexedPassage(passage, vector, document_terms(text))
            for passage, vector, text in zip(found, vectors, texts, strict=True)
        ]
    )
    await writer.publish(
        Manifest(0, embedder.name, embedder.dimension, "1", "docs", "", 1, len(found), "2026")
    )


@pytest.fixture
async def retriever(published: Path, embedder: MiniLmEmbedder) -> AsyncIterator[Retriever]:
    index = await EdgeIndex.open(published, embedder)
    yield Retriever(embedder, index)
    await index.close()


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("create_engine", "engine.md"),
        ("What does create_engine do?", "engine.md"),
        ("--no-cache", "cache.md"),
        ("Should I pass --no-cache?", "cache.md"),
        ("HTTP_404", "status.md"),
        ("When is HTTP_404 the status?", "status.md"),
        ("django.db.models", "models.md"),
        ("what is in django.db.models", "models.md"),
        ("Address already in use", "errors.md"),
        ("it stops with “Address already in use”", "errors.md"),
        ("What is new in 3.11.2?", "changes.md"),
        ("getting the package onto my machine", "install.md"),
        ("如何在反向代理后面部署服务器？", "zh.md"),
        ("怎样备份数据库", "zh-db.md"),
        ("Wie groß müssen die Puffer hinter dem Proxy sein?", "de.md"),
        ("Datenbank sichern", "de-db.md"),
    ],
)
async def test_the_page_comes_first(retriever: Retriever, question: str, path: str) -> None:
    assert (await retriever.search(question))[0].passage.path == path


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("如何在反向代理后面部署服务器？", "今天里斯本的天气怎么样"),
        ("Wie groß müssen die Puffer hinter dem Proxy sein?", "Wie wird das Wetter morgen?"),
        ("What does create_engine do?", "What is the weather in Lisbon?"),
    ],
)
async def test_each_language_tells_an_answer_from_none(
    retriever: Retriever, question: str, other: str
) -> None:
    assert evidence_score(question, await retriever.search(question)) > DEFAULT_THRESHOLD
    assert evidence_score(other, await retriever.search(other)) < DEFAULT_THRESHOLD / 2


async def test_versions_of_one_text_take_one_place(retriever: Retriever) -> None:
    found = await retriever.search("How do I upgrade the server?")
    paths = [scored.passage.path for scored in found]
    assert paths[0] == "3.0/upgrade.md"
    assert sum(path.endswith("upgrade.md") for path in paths) == 1
    assert len(paths) == len(DOCS) + 1


async def test_a_scope_finds_its_version_and_what_is_of_all(retriever: Retriever) -> None:
    found = await retriever.search("How do I upgrade?", scope=Scope(version="2.0"))
    assert found[0].passage.path == "2.0/upgrade.md"
    assert {scored.passage.version for scored in found} == {"2.0", ""}


@pytest.mark.parametrize("scope", [Scope(version="9.9"), Scope(version="9.9", locale="fr")])
async def test_a_version_or_locale_that_is_not_there_is_no_scope(
    retriever: Retriever, scope: Scope
) -> None:
    found = await retriever.search("How do I upgrade?", scope=scope)
    assert found == await retriever.search("How do I upgrade?")


async def test_pages_that_are_not_translated_are_found_in_their_source(
    retriever: Retriever,
) -> None:
    question = "How do I back the database up?"
    scope = Scope(locale="fr", source_locale="de")
    everything = await retriever.search(question)
    assert await retriever.search(question, scope=scope) == everything
    german = [scored.passage.path for scored in everything if scored.passage.locale == "de"]
    assert german == ["de-db.md", "de.md"]
    without = await retriever.search(question, scope=Scope(locale="fr"))
    assert not {scored.passage.path for scored in without} & set(german)


async def test_the_version_of_the_page_that_is_read_is_kept(retriever: Retriever) -> None:
    found = await retriever.search("How do I upgrade?", scope=Scope(page="1.0/upgrade.md"))
    assert found[0].passage.path == "1.0/upgrade.md"


async def test_results_tell_their_similarity(
    retriever: Retriever, embedder: MiniLmEmbedder
) -> None:
    (first, *_) = await retriever.search("How do I install the package?")
    question, text = await embedder.embed(
        ["How do I install the package?", f"{first.passage.title}\n{first.passage.text}"],
        kind="query",
    )
    cosine = sum(one * other for one, other in zip(question, text, strict=True))
    assert first.similarity == pytest.approx(cosine, abs=0.02)
