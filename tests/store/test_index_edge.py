"""The passage index on Qdrant Edge: the contract, and what its folder must withstand."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from store.errors import (
    IndexBusyError,
    IndexCorruptError,
    IndexStorageError,
    IndexUnavailableError,
)
from store.index.edge import EdgeIndex, read_ledger
from store.index.edge_writer import EdgeWriter
from store.ports import Embedder
from tests.contract.index_generations import GenerationsContract
from tests.contract.index_samples import (
    CORPUS,
    EMBEDDER,
    make_manifest,
    paths_of,
    publish_corpus,
    put_corpus,
    search,
)
from tests.contract.passage_index import PassageIndexContract


class EdgeEngine:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.opened: list[EdgeIndex] = []

    async def index(self, embedder: Embedder = EMBEDDER) -> EdgeIndex:
        index = await EdgeIndex.open(self.directory, embedder)
        self.opened.append(index)
        return index

    async def writer(
        self, embedder: Embedder = EMBEDDER, *, rebuild: bool = False, keep_generations: int = 1
    ) -> EdgeWriter:
        return await EdgeWriter.open(
            self.directory, embedder, rebuild=rebuild, keep_generations=keep_generations
        )

    async def generations(self) -> list[int]:
        folders = (self.directory / "generations").iterdir()
        return sorted(int(folder.name.partition(".")[0]) for folder in folders)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EdgeEngine]:
    engine = EdgeEngine(tmp_path / "index")
    yield engine
    for index in engine.opened:
        await index.close()


class TestEdge(PassageIndexContract):
    """Reading and searching on Qdrant Edge."""


class TestEdgeGenerations(GenerationsContract):
    """Building and moving over on Qdrant Edge."""


async def test_a_second_ingest_is_refused(engine: EdgeEngine) -> None:
    writer = await engine.writer()
    with pytest.raises(IndexBusyError, match="Another ingest"):
        await engine.writer()
    await writer.abandon()
    await (await engine.writer()).abandon()


async def test_reading_alone_copies_nothing(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    writer = await engine.writer()
    assert len(await writer.hashes()) == len(CORPUS)
    assert await engine.generations() == [1]
    await writer.abandon()


_KILLED_WHILE_WRITING = """
import asyncio, os, signal, sys
from pathlib import Path
from store.index.edge_writer import EdgeWriter
from tests.contract.index_samples import EMBEDDER

async def main():
    writer = await EdgeWriter.open(Path(sys.argv[1]), EMBEDDER)
    await writer.remove_pages([path for path in await writer.hashes()])
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_killed_ingest_leaves_the_published_index_whole(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    run = await anyio.run_process(
        [sys.executable, "-c", _KILLED_WHILE_WRITING, str(engine.directory)], check=False
    )
    assert run.returncode == -signal.SIGKILL
    assert await engine.generations() == [1, 2]
    assert await paths_of(await engine.index()) == sorted(CORPUS)

    # The next run is not locked out, and clears what the killed one left.
    writer = await engine.writer()
    assert await engine.generations() == [1]
    await writer.abandon()


_COUNT_IN_ANOTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from store.index.edge import EdgeIndex
from tests.contract.index_samples import EMBEDDER, search

async def main():
    index = await EdgeIndex.open(Path(sys.argv[1]), EMBEDDER)
    print(len(await index.pages()), len(await search(index, "deploy")))
    await index.close()

asyncio.run(main())
"""


async def test_several_processes_read_one_index(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    index = await engine.index()
    command = [sys.executable, "-c", _COUNT_IN_ANOTHER_PROCESS, str(engine.directory)]
    outputs: list[bytes] = []

    async def read() -> None:
        outputs.append((await anyio.run_process(command, stderr=sys.stderr)).stdout)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        tasks.start_soon(read)
        assert len(await index.pages()) == len(CORPUS)
    found = len(await search(index, "deploy"))
    assert outputs == [f"{len(CORPUS)} {found}\n".encode()] * 2


async def test_an_index_from_before_ledgers_is_one(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    ledger = engine.directory / "generations" / "000001" / "ledger.json"
    kept = await read_ledger(engine.directory, EMBEDDER)
    assert list(kept.hashes) == sorted(CORPUS)
    ledger.unlink()
    assert await read_ledger(engine.directory, EMBEDDER) == kept
    writer = await engine.writer()
    assert await writer.hashes() == kept.hashes
    await writer.abandon()


async def test_a_damaged_ledger_is_one_line(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    ledger = engine.directory / "generations" / "000001" / "ledger.json"
    ledger.write_text("[", encoding="utf-8")
    with pytest.raises(IndexCorruptError, match=r"ledger can't be read.*REBUILD=1") as caught:
        await read_ledger(engine.directory, EMBEDDER)
    assert "\n" not in str(caught.value)


async def test_a_copied_index_is_an_index(engine: EdgeEngine, tmp_path: Path) -> None:
    await publish_corpus(engine)
    moved = EdgeEngine(tmp_path / "elsewhere")
    engine.directory.rename(moved.directory)
    index = await moved.index()
    assert await paths_of(index) == sorted(CORPUS)
    await index.close()


async def test_a_reader_outlives_its_generation(engine: EdgeEngine) -> None:
    """Its files are removed while it is idle; and the folder itself may be gone."""
    await publish_corpus(engine)
    index = await engine.index()
    (engine.directory / "current").unlink()
    for folder in (engine.directory / "generations" / "000001").rglob("*"):
        if folder.is_file():
            folder.unlink()
    assert await paths_of(index) == sorted(CORPUS)
    assert await search(index, "deploy")


@pytest.mark.parametrize("content", ["", "../../etc", "12", "\x00\xff"])
async def test_a_corrupt_pointer_is_one_line(engine: EdgeEngine, content: str) -> None:
    await publish_corpus(engine)
    (engine.directory / "current").write_text(content, encoding="utf-8")
    with pytest.raises(
        IndexCorruptError, match=r"pointer names no generation.*REBUILD=1"
    ) as caught:
        await engine.index()
    assert "\n" not in str(caught.value)
    with pytest.raises(IndexCorruptError):
        await engine.writer()

    writer = await engine.writer(rebuild=True)
    await put_corpus(writer, CORPUS)
    await writer.publish(make_manifest())
    assert (await engine.index()).manifest.generation == 2


async def test_a_pointer_to_a_removed_generation_is_one_line(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    (engine.directory / "current").write_text("000009\n", encoding="ascii")
    with pytest.raises(IndexCorruptError, match="generation 9 can't be read"):
        await engine.index()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"generation": "x"}'])
async def test_a_corrupt_manifest_is_one_line(engine: EdgeEngine, content: str) -> None:
    await publish_corpus(engine)
    manifest = engine.directory / "generations" / "000001" / "manifest.json"
    manifest.write_text(content, encoding="utf-8")
    with pytest.raises(IndexCorruptError, match="manifest can't be read") as caught:
        await engine.index()
    assert "\n" not in str(caught.value)


async def test_a_damaged_shard_is_one_line(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    shard = engine.directory / "generations" / "000001" / "shard"
    (shard / "edge_config.json").write_text("{", encoding="utf-8")
    with pytest.raises(IndexCorruptError, match="damaged"):
        await engine.index()


async def test_a_folder_that_can_not_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(IndexStorageError, match=r"Can't write the index at .*file"):
        await EdgeEngine(tmp_path / "file" / "index").writer()


async def test_a_failed_copy_ends_in_one_line_and_can_be_abandoned(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    writer = await engine.writer()
    next_folder = engine.directory / "generations" / "000002.building"
    next_folder.write_text("in the way", encoding="utf-8")
    with pytest.raises(IndexStorageError):
        await writer.remove_pages(["install.md"])
    next_folder.unlink()
    await writer.abandon()
    assert await paths_of(await engine.index()) == sorted(CORPUS)


async def test_the_engines_failure_is_told_as_one(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    index = await engine.index()
    with pytest.raises(IndexUnavailableError, match=r"Qdrant Edge: .*dim"):
        await index.search(text="deploy", vector=[1.0, 0.0])


async def test_moving_over_does_not_close_the_shard_under_a_search(engine: EdgeEngine) -> None:
    await publish_corpus(engine)
    index = await engine.index()
    async with index._reading() as opened:
        await publish_corpus(engine, {"new.md": ("New.",)})
        assert "new.md" in await paths_of(index)
        assert opened.shard.info().points_count > 0
    with pytest.raises(Exception, match="not initialized"):
        opened.shard.info()


async def test_a_call_cancelled_while_moving_over_leaves_that_to_the_next(
    engine: EdgeEngine,
) -> None:
    await publish_corpus(engine)
    index = await engine.index()
    await publish_corpus(engine, {"new.md": ("New.",)})
    call = asyncio.create_task(index.pages())
    while not index._moving.locked():
        await anyio.lowlevel.checkpoint()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert "new.md" in await paths_of(index)


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
async def test_no_file_stays_open(engine: EdgeEngine) -> None:
    counts = []
    for _ in range(3):
        await publish_corpus(engine)
        index = await engine.index()
        await search(index, "deploy")
        await index.close()
        counts.append(_open_files())
    assert counts[1] == counts[2]


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
