"""The passage index through `qdrant-client`: the contract in its local mode, errors over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from qdrant_client import AsyncQdrantClient
from qdrant_client.http.models import UpdateResult

from store.errors import (
    IndexBusyError,
    IndexCorruptError,
    IndexUnavailableError,
    SettingsError,
)
from store.index.edge import EdgeIndex
from store.index.edge_writer import EdgeWriter
from store.index.lexical import LEXICAL_TERMS
from store.index.manifests import manifest_payload
from store.index.qdrant import QdrantIndex
from store.index.qdrant_collections import Collections, connect
from store.index.qdrant_writer import QdrantWriter
from store.ports import Embedder
from tests.contract.index_generations import GenerationsContract
from tests.contract.index_samples import (
    CORPUS,
    EMBEDDER,
    make_manifest,
    make_page,
    paths_of,
    publish_corpus,
    put_corpus,
    search,
)
from tests.contract.loopback_http import Received, Reply, loopback
from tests.contract.passage_index import PassageIndexContract

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")


class SharedMemory(AsyncQdrantClient):
    """A server in memory; it goes on when one of its users closes the connection."""

    def __init__(self) -> None:
        super().__init__(location=":memory:")

    async def upsert(self, *args: Any, **options: Any) -> UpdateResult:
        """Let other tasks run first, as a real connection does."""
        await anyio.lowlevel.checkpoint()
        return await super().upsert(*args, **options)

    async def close(self, grpc_grace: float | None = None, **_: Any) -> None:
        """Leave the server running."""


class QdrantEngine:
    def __init__(self) -> None:
        self.client = SharedMemory()
        self.collections = Collections(self.client, name="docs", url="http://qdrant.test:6333")

    async def index(self, embedder: Embedder = EMBEDDER) -> QdrantIndex:
        return await QdrantIndex.open(self.collections, embedder, follow_seconds=0)

    async def writer(
        self, embedder: Embedder = EMBEDDER, *, rebuild: bool = False, keep_generations: int = 1
    ) -> QdrantWriter:
        return await QdrantWriter.open(
            self.collections, embedder, rebuild=rebuild, keep_generations=keep_generations
        )

    async def generations(self) -> list[int]:
        return sorted((await self.collections.numbered()).values())


@pytest.fixture
async def engine() -> AsyncIterator[QdrantEngine]:
    engine = QdrantEngine()
    yield engine
    await AsyncQdrantClient.close(engine.client)


class TestQdrant(PassageIndexContract):
    """Reading and searching on `qdrant-client`'s local mode."""


class TestQdrantGenerations(GenerationsContract):
    """Building and moving over on `qdrant-client`'s local mode."""


async def test_both_engines_rank_alike(engine: QdrantEngine, tmp_path: Path) -> None:
    corpus = {
        **CORPUS,
        "proxy.md": ("Behind a proxy, set HTTP_PROXY.", "Behind a proxy, set HTTP_PROXY."),
        "copy.md": CORPUS["install.md"],
        "long.md": tuple(
            f"Deploy step {number}: run deploy --step={number}." for number in range(9)
        ),
    }
    await publish_corpus(engine, corpus)
    edge_writer = await EdgeWriter.open(tmp_path, EMBEDDER)
    await put_corpus(edge_writer, dict(reversed(corpus.items())))
    await edge_writer.publish(make_manifest())
    on_server, embedded = await engine.index(), await EdgeIndex.open(tmp_path, EMBEDDER)
    for question in (
        "deploy",
        "How do I deploy behind a proxy?",
        "HTTP_PROXY",
        "create_engine database",
        "数据库",
        "Größe",
        "the",
        "step=3",
    ):
        assert await search(on_server, question) == await search(embedded, question)
    await embedded.close()


async def test_the_alias_leads_to_one_collection_a_generation(engine: QdrantEngine) -> None:
    await publish_corpus(engine)
    await publish_corpus(engine)
    target = await engine.collections.target()
    assert target is not None
    assert target.startswith("docs_000002_")


async def test_other_collections_are_left_alone(engine: QdrantEngine) -> None:
    for name in ("docs_old", "docs2_000001_aaaaaaaa", "docs_000001"):
        await engine.client.create_collection(name, vectors_config={})
    for _ in range(3):
        await publish_corpus(engine)
    names = {found.name for found in (await engine.client.get_collections()).collections}
    assert {"docs_old", "docs2_000001_aaaaaaaa", "docs_000001"} < names


async def test_a_collection_of_the_index_name_is_not_taken_over(engine: QdrantEngine) -> None:
    await engine.client.create_collection("docs", vectors_config={})
    with pytest.raises(SettingsError, match="QDRANT_COLLECTION: a collection named docs"):
        await engine.writer()


async def test_of_two_ingests_at_once_the_first_to_publish_wins(engine: QdrantEngine) -> None:
    await publish_corpus(engine)
    first, second = await engine.writer(), await engine.writer()
    await second.remove_pages(["install.md"])
    await first.put_pages([make_page("first.md")])
    await first.publish(make_manifest())
    with pytest.raises(IndexBusyError):
        await second.publish(make_manifest())
    await second.abandon()
    assert await paths_of(await engine.index()) == sorted([*CORPUS, "first.md"])


async def test_what_a_killed_ingest_left_is_removed_by_the_next(engine: QdrantEngine) -> None:
    await publish_corpus(engine)
    await (await engine.writer()).remove_pages(["install.md"])
    assert await engine.generations() == [1, 2]
    await publish_corpus(engine)
    assert await engine.generations() == [1, 3]
    assert await paths_of(await engine.index()) == sorted(CORPUS)


@pytest.mark.parametrize("manifest", [None, "x", {"generation": "first"}])
async def test_a_collection_without_a_manifest_is_one_line(
    engine: QdrantEngine, manifest: object
) -> None:
    await publish_corpus(engine)
    target = await engine.collections.target()
    assert target is not None
    await engine.client.update_collection(target, metadata={"manifest": manifest})
    with pytest.raises(IndexCorruptError, match="manifest") as caught:
        await engine.index()
    assert "\n" not in str(caught.value)
    writer = await engine.writer(rebuild=True)
    await writer.publish(make_manifest())
    assert (await engine.index()).manifest.generation == 2


def at(url: str, api_key: str | None = None) -> Collections:
    return Collections(connect(url, api_key), name="docs", url=url)


@pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection")
async def test_a_server_that_is_not_there_is_one_line_without_secrets(
    free_tcp_port: int,
) -> None:
    collections = at(f"http://user:pass-word@127.0.0.1:{free_tcp_port}", api_key="key-secret")
    for opening in (
        QdrantIndex.open(collections, EMBEDDER),
        QdrantWriter.open(collections, EMBEDDER),
    ):
        with pytest.raises(SettingsError, match=r"QDRANT_URL: can't use 127.0.0.1") as caught:
            await opening
        assert "\n" not in str(caught.value)
        assert "secret" not in str(caught.value)
        assert "pass-word" not in str(caught.value)
    await collections.client.close()


@pytest.mark.parametrize("url", ["ftp://docs.example", "http://docs.example:port", "http://[::1"])
def test_an_address_that_is_none_is_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match=r"QDRANT_URL: .* is not an address"):
        connect(url, None)


def _result(result: object) -> Reply:
    return Reply({"result": result, "status": "ok", "time": 0.0})


def _half_a_server(request: Received) -> Reply:
    """Answer what opening asks for; say that there is no collection to anything else."""
    if request.path == "/aliases":
        alias = {"alias_name": "docs", "collection_name": "docs_000001_aaaaaaaa"}
        return _result({"aliases": [alias]})
    if request.path == "/collections":
        return _result({"collections": [{"name": "docs_000001_aaaaaaaa"}]})
    if request.method == "GET":
        return _result(_collection_info())
    return Reply({"status": {"error": "Not found: no collection"}, "time": 0.0}, status=404)


def _collection_info() -> dict[str, object]:
    return {
        "status": "green",
        "optimizer_status": "ok",
        "points_count": 1,
        "segments_count": 1,
        "payload_schema": {},
        "config": {
            "params": {"vectors": {"dense": {"size": 64, "distance": "Dot"}}},
            "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
            "optimizer_config": {
                "deleted_threshold": 0.2,
                "vacuum_min_vector_number": 1000,
                "default_segment_number": 0,
                "flush_interval_sec": 5,
            },
            "metadata": {
                "manifest": manifest_payload(replace(make_manifest(), lexical=LEXICAL_TERMS))
            },
        },
    }


async def test_a_failing_search_is_an_error_and_never_an_empty_answer() -> None:
    with loopback(_half_a_server) as server:
        index = await QdrantIndex.open(at(server.url), EMBEDDER)
        with pytest.raises(IndexUnavailableError, match=r"Qdrant: 404 .*no collection") as caught:
            await search(index, "deploy")
        assert "\n" not in str(caught.value)
        await index.close()


async def test_a_server_that_went_away_is_an_error() -> None:
    with loopback(_half_a_server) as server:
        index = await QdrantIndex.open(at(server.url), EMBEDDER, follow_seconds=0)
    with pytest.raises(IndexUnavailableError, match="Qdrant: "):
        await index.pages()
    with pytest.raises(IndexUnavailableError, match="Qdrant: "):
        await index.page("")
    await index.close()


async def test_an_ingest_whose_collection_was_removed_is_told_of_the_other() -> None:
    with loopback(_half_a_server) as server:
        writer = await QdrantWriter.open(at(server.url), EMBEDDER)
        with pytest.raises(IndexBusyError, match="Another ingest"):
            await writer.remove_pages(["install.md"])
        await writer.abandon()


async def test_the_key_is_sent() -> None:
    with loopback(_half_a_server) as server:
        with pytest.warns(UserWarning, match="insecure"):
            collections = at(server.url, api_key="key-secret")
        await (await QdrantIndex.open(collections, EMBEDDER)).close()
        assert {request.headers["api-key"] for request in server.received} == {"key-secret"}
