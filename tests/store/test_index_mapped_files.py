"""Memory that an open index takes."""

import sys
from pathlib import Path

import pytest

from store.index.edge import EdgeIndex
from store.index.edge_writer import EdgeWriter
from tests.contract.index_samples import CORPUS, EMBEDDER, make_manifest, put_corpus, search


def resident_kilobytes(folder: Path) -> int:
    """Add up what is in memory of the mapped files of a folder."""
    kilobytes, counted = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split(maxsplit=5)
        if not words[0].endswith(":"):
            counted = words[-1].startswith(str(folder))
        elif counted and words[0] == "Rss:":
            kilobytes += int(words[1])
    return kilobytes


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_an_open_index_takes_what_was_read_of_it(tmp_path: Path) -> None:
    writer = await EdgeWriter.open(tmp_path, EMBEDDER)
    await put_corpus(writer, CORPUS)
    await writer.publish(make_manifest())
    index = await EdgeIndex.open(tmp_path, EMBEDDER)
    try:
        before = resident_kilobytes(tmp_path)
        assert await search(index, "install")
        assert before < resident_kilobytes(tmp_path) < 10_000
    finally:
        await index.close()
