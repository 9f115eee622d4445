"""Open the engines that the settings name: the only place that picks one."""

# ruff: noqa: PLC0415 - an engine is imported where it is chosen, so that the others are not loaded.

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Final, assert_never

from store.errors import (
    BundledModelError,
    EmbedderUnavailableError,
    IndexMissingError,
    SettingsError,
)
from store.ports import DocumentEmbedder, Embedder, IndexWriter, PassageIndex
from store.records import Ledger, Manifest
from store.settings import StoreSettings

if TYPE_CHECKING:
    from store.attachments import AttachmentFiles
    from store.index.qdrant_collections import Collections
    from store.threads.store import ThreadStore

# Endpoints on one's own machine want a key to be sent, but not which.
_ANY_KEY: Final = "none"


@dataclass(frozen=True)
class Resources:
    """What a running server or evaluation works with."""

    settings: StoreSettings
    embedder: Embedder
    index: PassageIndex
    threads: "ThreadStore"
    files: "AttachmentFiles"


@asynccontextmanager
async def open_resources(settings: StoreSettings) -> AsyncIterator[Resources]:
    """Open embedder, index and thread store, and close them in reverse.

    Raises an `OperatorError` when one of them can't be used as configured.
    """
    from store.threads.engine import open_thread_store

    async with AsyncExitStack() as stack:
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        index = await open_index(settings, embedder)
        stack.push_async_callback(index.close)
        threads = await stack.enter_async_context(open_thread_store(settings.resolved_database_url))
        files = open_files(settings)
        yield Resources(
            settings=settings, embedder=embedder, index=index, threads=threads, files=files
        )


def open_files(settings: StoreSettings) -> "AttachmentFiles":
    """Open the folder or bucket of attachments. Raises `SettingsError`."""
    from store.attachments import AttachmentFiles

    folder = settings.index_dir.parent / "attachments"
    return AttachmentFiles.open(settings.attachments_url, folder=folder)


def open_embedder(settings: StoreSettings) -> Embedder:
    """Open the embedder that the settings name."""
    match settings.embedder:
        case "minilm":
            from store.embedders.minilm import MiniLmEmbedder

            return MiniLmEmbedder.bundled()
        case "openai":
            return _open_openai(settings)
        case "none":
            from store.embedders.no_vectors import NoVectors

            return NoVectors()
        case _:
            assert_never(settings.embedder)


@contextmanager
def preloaded_embedder(settings: StoreSettings) -> Iterator[None]:
    """Load the bundled model, if it is the one to use, beside what else is done inside.

    It stays in memory until the block ends. Whoever uses it is told what fails.
    """
    if settings.embedder != "minilm":
        yield
        return
    from store.embedders.minilm import MiniLmEmbedder

    embedder = MiniLmEmbedder.bundled()

    def load() -> None:
        with suppress(BundledModelError):
            embedder.load()

    loading = Thread(target=load, name="embedder")
    loading.start()
    try:
        yield
    finally:
        loading.join()


def open_caching_embedder(settings: StoreSettings) -> DocumentEmbedder:
    """Open the embedder for ingest: vectors of documents are kept beside the index."""
    path = settings.index_dir.parent / "embeddings.db"
    match settings.embedder:
        case "none":
            from store.embedders.no_vectors import NoVectors

            return NoVectors()
        case "openai":
            from store.embedders.cache import CachedEmbedder
            from store.embedders.openai_api import CONCURRENT_TEXTS

            return CachedEmbedder(_open_openai(settings), path, step=CONCURRENT_TEXTS)
        case _:
            from store.embedders.cache import CachedEmbedder

            return CachedEmbedder(open_embedder(settings), path)


async def open_index(settings: StoreSettings, embedder: Embedder) -> PassageIndex:
    """Open the published index.

    Raises `IndexMissingError`, `IndexMismatchError` when another embedder made it, or another
    `OperatorError` when it can't be read.
    """
    if settings.qdrant_url:
        from store.index.qdrant import QdrantIndex

        async with _connected(settings) as collections:
            return await QdrantIndex.open(collections, embedder)
    from store.index.edge import EdgeIndex

    return await EdgeIndex.open(settings.index_dir, embedder)


async def read_ledger(settings: StoreSettings, embedder: Embedder) -> Ledger:
    """Read what the published index was made from; raises as `open_index` does."""
    if settings.qdrant_url:
        from store.index import qdrant

        async with _connected(settings) as collections:
            ledger = await qdrant.read_ledger(collections, embedder)
            await collections.client.close()
            return ledger
    from store.index import edge

    return await edge.read_ledger(settings.index_dir, embedder)


async def published_manifest(settings: StoreSettings) -> Manifest | None:
    """Return the manifest of what is published, made with whichever embedder; None for none.

    Raises an `OperatorError` when it can't be read.
    """
    if settings.qdrant_url:
        async with _connected(settings) as collections:
            with collections.opening():
                published = await collections.published()
            await collections.client.close()
            return published.manifest if published else None
    from store.index.generations import Generations

    try:
        return Generations(settings.index_dir).published().manifest
    except IndexMissingError:
        return None


async def open_index_writer(
    settings: StoreSettings, embedder: Embedder, *, rebuild: bool = False
) -> IndexWriter:
    """Begin the next generation from what is published or, with `rebuild`, from nothing.

    Raises `IndexMismatchError` unless `rebuild` when another embedder made what is published, or
    another `OperatorError` when it can't be read or is being written.
    """
    if settings.qdrant_url:
        from store.index.qdrant_writer import QdrantWriter

        async with _connected(settings) as collections:
            writer = await QdrantWriter.open(
                collections,
                embedder,
                rebuild=rebuild,
                keep_generations=settings.keep_generations,
            )
            collections.retry_requests()
            return writer
    from store.index.edge_writer import EdgeWriter

    return await EdgeWriter.open(
        settings.index_dir,
        embedder,
        rebuild=rebuild,
        keep_generations=settings.keep_generations,
    )


async def index_exists(settings: StoreSettings) -> bool:
    """Tell whether an index has been published, usable or not."""
    if settings.qdrant_url:
        async with _connected(settings) as collections:
            with collections.opening():
                exists = await collections.target() is not None
            await collections.client.close()
            return exists
    from store.index.generations import Generations

    # A thread for so little would keep ingest from forking.
    return Generations(settings.index_dir).stamp() is not None


def _open_openai(settings: StoreSettings) -> Embedder:
    from store.embedders.openai_api import OpenAiEmbedder

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    if not key and not settings.openai_base_url:
        raise SettingsError("OPENAI_API_KEY", "EMBEDDER=openai needs a key or OPENAI_BASE_URL")
    try:
        return OpenAiEmbedder.open(
            api_key=key or _ANY_KEY,
            model=settings.embedding_model,
            base_url=settings.openai_base_url or None,
        )
    except EmbedderUnavailableError as error:
        problem = f"can't find out the dimension of {settings.embedding_model}: {error}"
        raise SettingsError("EMBEDDING_MODEL", problem) from error


@asynccontextmanager
async def _connected(settings: StoreSettings) -> AsyncIterator["Collections"]:
    """Hand out a connection; it is closed here only when the block fails."""
    from store.index.qdrant_collections import Collections, connect

    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    async with AsyncExitStack() as stack:
        client = connect(settings.qdrant_url, key)
        stack.push_async_callback(client.close)
        yield Collections(client, name=settings.qdrant_collection, url=settings.qdrant_url)
        stack.pop_all()
