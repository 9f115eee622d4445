"""Keep vectors of documents on disk, so that nothing is embedded twice.

An ingest that is interrupted goes on where it was, and a rebuild of the index embeds nothing that
any index beside it has held.
"""

import hashlib
import logging
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import anyio
from anyio import CancelScope, to_thread

from store.errors import IndexStorageError
from store.ports import Embedder, Vector

logger = logging.getLogger(__name__)

MAX_VECTORS: Final = 500_000
"""Vectors beyond these are dropped on closing, the longest unused first: 750 MB of MiniLM's."""

STEP: Final = 64
"""Texts that are embedded between two writes: what an interruption can lose."""

_LOCKED_SECONDS: Final = 60

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS vectors (
    embedder TEXT NOT NULL,
    text_sha256 BLOB NOT NULL,
    vector BLOB NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (embedder, text_sha256)
) WITHOUT ROWID
"""


class CachedEmbedder:
    """A `DocumentEmbedder` that asks another one only for documents it has not seen.

    Vectors are kept by the embedder's name and the text's SHA-256, as 32-bit floats. Queries pass
    through. The file is made when the first document is embedded, replaced when it isn't a
    database, and may be used by several processes. Raises `IndexStorageError` when the file system
    refuses it.
    """

    def __init__(
        self, embedder: Embedder, path: Path, *, max_vectors: int = MAX_VECTORS, step: int = STEP
    ) -> None:
        self._embedder = embedder
        self._step = step
        self._path = path
        self._max_vectors = max_vectors
        self._connection: sqlite3.Connection | None = None

    @property
    def name(self) -> str:
        """Engine, model and revision of the embedder behind."""
        return self._embedder.name

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    @property
    def max_tokens(self) -> int:
        """Tokens that the embedder behind reads of a text."""
        return self._embedder.max_tokens

    @property
    def count_tokens(self) -> Callable[[str], int]:
        """Count the embedder's own tokens."""
        return self._embedder.count_tokens

    @property
    def tokens_embedded(self) -> int:
        """Tokens that the embedder behind has read."""
        return self._embedder.tokens_embedded

    async def recall(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of those documents that were embedded before."""
        async with self._using:
            return await to_thread.run_sync(self._read, texts)

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        """Return one vector a text, in order; new ones are on disk after each step."""
        if kind == "query":
            return await self._embedder.embed(texts, kind=kind)
        distinct = list(dict.fromkeys(texts))
        vectors = await self.recall(distinct)
        missing = [text for text in distinct if text not in vectors]
        for start in range(0, len(missing), self._step):
            step = missing[start : start + self._step]
            embedded = await self._embedder.embed(step, kind=kind)
            new = dict(zip(step, embedded, strict=True))
            with CancelScope(shield=True):
                async with self._using:
                    await to_thread.run_sync(self._write, new)
            vectors.update(new)
        return [vectors[text] for text in texts]

    async def close(self) -> None:
        """Drop what is beyond the bound, then close the file and the embedder behind."""
        try:
            if self._connection is not None:
                with CancelScope(shield=True):
                    async with self._using:
                        await to_thread.run_sync(self._finish)
        finally:
            await self._embedder.close()

    @cached_property
    def _using(self) -> anyio.Lock:
        # Made when it is needed: ingest that has nothing to do loads no backend of anyio.
        return anyio.Lock()

    def _read(self, texts: Sequence[str]) -> dict[str, Vector]:
        now = int(time.time())
        vectors: dict[str, Vector] = {}
        with _storage_errors(self._path), self._opened() as connection:
            for text in texts:
                row = connection.execute(
                    "UPDATE vectors SET used_at = ? WHERE embedder = ? AND text_sha256 = ?"
                    " RETURNING vector",
                    (now, self.name, _key(text)),
                ).fetchone()
                if row is not None:
                    vectors[text] = _unpacked(row[0])
        return vectors

    def _write(self, vectors: Mapping[str, Vector]) -> None:
        now = int(time.time())
        with _storage_errors(self._path), self._opened() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)",
                [(self.name, _key(text), _packed(vector), now) for text, vector in vectors.items()],
            )

    def _finish(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with _storage_errors(self._path), closing(connection), connection:
            connection.execute(
                "DELETE FROM vectors WHERE (embedder, text_sha256) IN (SELECT embedder,"
                " text_sha256 FROM vectors ORDER BY used_at DESC LIMIT -1 OFFSET ?)",
                (self._max_vectors,),
            )

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _open(self._path)
        return self._connection


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        logger.warning("The embedding cache %s is damaged (%s): begun anew.", path, error)
        path.unlink()
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_LOCKED_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _packed(vector: Vector) -> bytes:
    return struct.pack(f"<{len(vector)}f", *vector)


def _unpacked(stored: bytes) -> Vector:
    return list(struct.unpack(f"<{len(stored) // 4}f", stored))


@contextmanager
def _storage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise IndexStorageError(str(path), str(error)) from error
