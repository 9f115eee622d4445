"""The embedding cache: what was embedded once is not embedded again."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from store.embedders.cache import CachedEmbedder
from store.errors import EmbedderUnavailableError, IndexStorageError
from store.ports import Vector
from tests.contract.embedder import EmbedderContract
from tests.contract.index_samples import WordEmbedder


class CountingEmbedder(WordEmbedder):
    """Remembers what it was asked for, and fails after a number of texts."""

    def __init__(self, name: str = "words", *, fails_after: int = 10_000) -> None:
        super().__init__(name)
        self.asked: list[str] = []
        self.closed = False
        self._fails_after = fails_after

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        if len(self.asked) + len(texts) > self._fails_after:
            raise EmbedderUnavailableError("words", "gone")
        self.asked.extend(texts)
        return await super().embed(texts, kind=kind)

    async def close(self) -> None:
        self.closed = True


TEXTS = [f"Text number {number} — 雪." for number in range(150)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "embeddings.db"


async def test_a_second_run_embeds_nothing(path: Path) -> None:
    first = CountingEmbedder()
    cached = CachedEmbedder(first, path)
    vectors = await cached.embed([*TEXTS, TEXTS[0]], kind="document")
    await cached.close()
    assert first.closed
    assert first.asked == TEXTS

    second = CountingEmbedder()
    cached = CachedEmbedder(second, path)
    again = await cached.embed([*TEXTS, TEXTS[0]], kind="document")
    await cached.close()
    assert second.asked == []
    for vector, kept in zip(vectors, again, strict=True):
        assert kept == pytest.approx(vector, abs=1e-6)


async def test_an_interrupted_run_goes_on_where_it_was(path: Path) -> None:
    failing = CachedEmbedder(CountingEmbedder(fails_after=130), path)
    with pytest.raises(EmbedderUnavailableError):
        await failing.embed(TEXTS, kind="document")
    # Not closed: a process that is killed doesn't close either.
    second = CountingEmbedder()
    cached = CachedEmbedder(second, path)
    vectors = await cached.embed(TEXTS, kind="document")
    assert second.asked == TEXTS[128:]
    assert vectors[5] == pytest.approx(second.vector(TEXTS[5]), abs=1e-6)
    await cached.close()
    await failing.close()


async def test_another_embedders_vectors_are_not_used(path: Path) -> None:
    cached = CachedEmbedder(CountingEmbedder("one"), path)
    await cached.embed(TEXTS[:3], kind="document")
    await cached.close()
    other = CountingEmbedder("other")
    cached = CachedEmbedder(other, path)
    await cached.embed(TEXTS[:3], kind="document")
    await cached.close()
    assert other.asked == TEXTS[:3]


async def test_queries_pass_through(path: Path) -> None:
    counting = CountingEmbedder()
    cached = CachedEmbedder(counting, path)
    for _ in range(2):
        await cached.embed(["question"], kind="query")
    await cached.close()
    assert counting.asked == ["question", "question"]


async def test_it_stands_for_the_embedder_behind(path: Path) -> None:
    behind = WordEmbedder()
    cached = CachedEmbedder(behind, path)
    assert (cached.name, cached.dimension, cached.max_tokens) == (
        behind.name,
        behind.dimension,
        behind.max_tokens,
    )
    assert cached.count_tokens("two words") == 2
    await cached.close()


async def test_the_longest_unused_are_dropped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def embed_at(seconds: int, texts: Sequence[str]) -> list[str]:
        """Embed with room for four vectors; return what was not in the cache."""
        monkeypatch.setattr("store.embedders.cache.time.time", lambda: seconds)
        counting = CountingEmbedder()
        cached = CachedEmbedder(counting, path, max_vectors=4)
        await cached.embed(texts, kind="document")
        await cached.close()
        return counting.asked

    assert await embed_at(100, TEXTS[0:2]) == TEXTS[0:2]
    assert await embed_at(200, TEXTS[2:4]) == TEXTS[2:4]
    assert await embed_at(300, TEXTS[0:2]) == []
    # The first two were used since; the other two make room.
    assert await embed_at(400, TEXTS[4:6]) == TEXTS[4:6]
    assert await embed_at(500, TEXTS[0:4]) == TEXTS[2:4]


@pytest.fixture
def damaged(path: Path) -> Path:
    path.parent.mkdir()
    path.write_bytes(b"not a database, whatever its name says" * 100)
    return path


async def test_a_damaged_file_is_begun_anew(
    damaged: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cached = CachedEmbedder(CountingEmbedder(), damaged)
    with caplog.at_level(logging.WARNING):
        await cached.embed(TEXTS[:1], kind="document")
    assert "begun anew" in caplog.text
    await cached.close()
    with closing(sqlite3.connect(damaged)) as connection:
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (1,)


async def test_a_folder_that_can_not_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cached = CachedEmbedder(CountingEmbedder(), tmp_path / "file" / "embeddings.db")
    with pytest.raises(IndexStorageError, match=r"Can't write the index at .*embeddings.db"):
        await cached.embed(TEXTS[:1], kind="document")
    await cached.close()


async def test_nothing_is_made_before_a_document_is_embedded(path: Path) -> None:
    cached = CachedEmbedder(CountingEmbedder(), path)
    await cached.embed(TEXTS[:1], kind="query")
    await cached.close()
    assert not path.parent.exists()


class TestCached(EmbedderContract):
    """The contract holds through the cache."""

    @pytest.fixture
    async def embedder(self, path: Path) -> AsyncIterator[CachedEmbedder]:
        embedder = CachedEmbedder(TruncatingEmbedder(), path)
        yield embedder
        await embedder.close()


class TruncatingEmbedder(WordEmbedder):
    def vector(self, text: str) -> Vector:
        return super().vector(" ".join(["text", *text.split()[: self.max_tokens]]))


async def test_what_was_embedded_is_recalled_and_nothing_else(path: Path) -> None:
    counting = CountingEmbedder()
    cached = CachedEmbedder(counting, path)
    vectors = await cached.embed(TEXTS[:2], kind="document")
    recalled = await cached.recall(TEXTS[1:4])
    assert list(recalled) == TEXTS[1:2]
    assert recalled[TEXTS[1]] == pytest.approx(vectors[1], abs=1e-6)
    assert counting.asked == TEXTS[:2]
    assert cached.tokens_embedded == sum(map(counting.count_tokens, TEXTS[:2]))
    await cached.close()
