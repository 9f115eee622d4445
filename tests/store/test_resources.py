"""Settings choose the engines; what can't be opened is one line; what is opened is closed."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from store.embedders.cache import CachedEmbedder
from store.embedders.minilm import MiniLmEmbedder
from store.embedders.openai_api import OpenAiEmbedder
from store.errors import IndexMismatchError, IndexMissingError, SettingsError
from store.index.edge import EdgeIndex
from store.resources import (
    index_exists,
    open_caching_embedder,
    open_embedder,
    open_index,
    open_index_writer,
    open_resources,
)
from store.settings import StoreSettings
from tests.contract.index_samples import (
    CORPUS,
    EMBEDDER,
    WordEmbedder,
    make_manifest,
    make_page,
    paths_of,
    put_corpus,
)
from tests.contract.loopback_http import Received, Reply, loopback


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    return StoreSettings(index_dir=tmp_path / "kept" / "index")


async def publish(settings: StoreSettings) -> None:
    writer = await open_index_writer(settings, EMBEDDER)
    await put_corpus(writer, CORPUS)
    await writer.publish(make_manifest())


async def test_the_default_index_is_embedded(settings: StoreSettings) -> None:
    assert not await index_exists(settings)
    with pytest.raises(IndexMissingError):
        await open_index(settings, EMBEDDER)
    await publish(settings)
    assert await index_exists(settings)
    index = await open_index(settings, EMBEDDER)
    assert isinstance(index, EdgeIndex)
    assert await paths_of(index) == sorted(CORPUS)
    await index.close()


async def test_another_embedder_needs_a_rebuild(settings: StoreSettings) -> None:
    await publish(settings)
    other = WordEmbedder("other")
    with pytest.raises(IndexMismatchError):
        await open_index_writer(settings, other)
    writer = await open_index_writer(settings, other, rebuild=True)
    await writer.publish(make_manifest(other))
    index = await open_index(settings, other)
    assert await paths_of(index) == []
    await index.close()


async def test_looking_for_an_index_makes_no_folder(settings: StoreSettings) -> None:
    assert not await index_exists(settings)
    assert not settings.index_dir.parent.exists()


async def test_resources_hold_everything(settings: StoreSettings) -> None:
    embedder = open_embedder(settings)
    writer = await open_index_writer(settings, embedder)
    await writer.put_pages([make_page("install.md")])
    await writer.publish(make_manifest(embedder))
    async with open_resources(settings) as resources:
        assert resources.settings is settings
        assert resources.embedder.name == embedder.name
        assert await paths_of(resources.index) == ["install.md"]
    assert (settings.index_dir.parent / "threads.db").exists()


async def test_resources_without_an_index_are_refused(settings: StoreSettings) -> None:
    with pytest.raises(IndexMissingError, match="make ingest"):
        async with open_resources(settings):
            pytest.fail("opened")


async def test_the_bundled_embedder_is_the_default(settings: StoreSettings) -> None:
    embedder = open_embedder(settings)
    assert isinstance(embedder, MiniLmEmbedder)
    await embedder.close()


async def test_ingest_keeps_vectors_beside_the_index(settings: StoreSettings) -> None:
    embedder = open_caching_embedder(settings)
    assert isinstance(embedder, CachedEmbedder)
    await embedder.embed(["Install."], kind="document")
    await embedder.close()
    assert (settings.index_dir.parent / "embeddings.db").exists()


async def test_openai_is_chosen_by_name() -> None:
    embedder = open_embedder(
        StoreSettings(
            embedder="openai",
            embedding_model="text-embedding-3-small",
            openai_api_key=SecretStr("sk-secret"),
        )
    )
    assert isinstance(embedder, OpenAiEmbedder)
    assert embedder.dimension == 1536
    await embedder.close()


def test_openai_without_key_or_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY: EMBEDDER=openai needs a key"):
        open_embedder(StoreSettings(embedder="openai"))


async def test_an_endpoint_of_ones_own_needs_no_key() -> None:
    def answer(_: Received) -> Reply:
        return Reply({"data": [{"index": 0, "embedding": [3.0, 4.0]}]})

    with loopback(answer) as server:
        embedder = open_embedder(
            StoreSettings(
                embedder="openai",
                embedding_model="nomic-embed-text",
                openai_base_url=f"{server.url}/v1",
            )
        )
        assert await embedder.embed(["one"], kind="query") == [pytest.approx([0.6, 0.8])]
        await embedder.close()
    assert embedder.name == "openai:nomic-embed-text"
    assert embedder.dimension == 2


def test_an_endpoint_that_refuses_is_one_line() -> None:
    with loopback(lambda _: Reply({}, status=401)) as server:
        settings = StoreSettings(
            embedder="openai",
            embedding_model="own",
            openai_base_url=f"{server.url}/v1",
            openai_api_key=SecretStr("sk-secret"),
        )
        with pytest.raises(
            SettingsError, match=r"dimension of own: .*the key was refused"
        ) as caught:
            open_embedder(settings)
    assert "secret" not in str(caught.value)


async def test_a_qdrant_url_chooses_the_server(settings: StoreSettings) -> None:
    def answer(request: Received) -> Reply:
        found: dict[str, object] = {
            "/aliases": {"aliases": []},
            "/collections": {"collections": []},
        }
        return Reply({"result": found[request.path], "status": "ok", "time": 0.0})

    with loopback(answer) as server:
        on_server = StoreSettings(index_dir=settings.index_dir, qdrant_url=server.url)
        assert not await index_exists(on_server)
        with pytest.raises(IndexMissingError, match=f"{server.url}, collection footnote"):
            await open_index(on_server, EMBEDDER)
        writer = await open_index_writer(on_server, EMBEDDER)
        assert await writer.hashes() == {}
        await writer.abandon()
    assert not settings.index_dir.exists()


async def test_a_qdrant_server_that_is_not_there_is_one_line(free_tcp_port: int) -> None:
    settings = StoreSettings(qdrant_url=f"http://127.0.0.1:{free_tcp_port}")
    for opening in (
        index_exists(settings),
        open_index(settings, EMBEDDER),
        open_index_writer(settings, EMBEDDER),
    ):
        with pytest.raises(SettingsError, match="QDRANT_URL: can't use"):
            await opening


def test_engines_that_are_not_chosen_are_not_loaded() -> None:
    script = (
        "import sys; import store.resources; "
        "print([name for name in ('qdrant_client', 'qdrant_edge', 'openai', 'onnxruntime',"
        " 'sqlalchemy') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert found.stdout == "[]\n"
