"""The bundled embedder: all-MiniLM-L6-v2 as int8 ONNX, run on the CPU without any network."""

import ctypes
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from anyio import to_thread

from store.embedders.bundled import MODEL, TOKENIZER, check
from store.embedders.shared import SharedFile
from store.embedders.wordpiece import WordPiece
from store.ports import Vector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

TextKind = Literal["query", "document"]

_MAX_TOKENS: Final = 256

# More at once is slower on a CPU, and a batch is the step that a cancelled ingest waits for.
_BATCH: Final = 8


class MiniLmEmbedder:
    """An `Embedder` of 384 dimensions for English text of up to 256 tokens.

    Its files are read and checked at their first use, which raises `BundledModelError`; embedders
    of one process share what is in memory of them.
    """

    name = f"minilm:all-MiniLM-L6-v2-onnx-int8:{MODEL.sha256[:12]}"
    dimension = 384
    max_tokens = _MAX_TOKENS

    def __init__(self, model: Path, tokenizer: Path) -> None:
        self.tokens_embedded = 0
        self._model = model
        self._wordpiece = WordPiece(tokenizer)
        self._sessions: dict[TextKind, InferenceSession] = {}

    @classmethod
    def bundled(cls) -> Self:
        """Return the embedder from the installed packages."""
        return cls(MODEL.locate(), TOKENIZER.locate())

    @property
    def count_tokens(self) -> Callable[[str], int]:
        """Count the model's own tokens, special ones included."""
        return self._wordpiece.count

    async def embed(
        self,
        texts: Sequence[str],
        *,
        kind: TextKind,
    ) -> list[Vector]:
        """Return one vector a text, in order."""
        vectors: dict[str, Vector] = {}
        # Texts of like length share a batch, so that little of it is padding.
        distinct = sorted(set(texts), key=len)
        for start in range(0, len(distinct), _BATCH):
            batch = distinct[start : start + _BATCH]
            rows = await to_thread.run_sync(self._embed_batch, batch, kind)
            vectors.update(zip(batch, rows, strict=True))
        return [vectors[text] for text in texts]

    def load(self) -> None:
        """Read the files now, so that the first question need not wait; takes half a second."""
        self._wordpiece.load()
        self._loaded("query")

    async def close(self) -> None:
        """Release the model's memory."""
        self._sessions.clear()

    def _embed_batch(self, texts: Sequence[str], kind: TextKind) -> list[Vector]:
        import numpy as np  # noqa: PLC0415 - as the runtime: commands that embed nothing save it.

        from store.embedders.vectors import unit_vectors  # noqa: PLC0415

        rows = [_truncated(ids) for ids in self._wordpiece.ids(texts)]
        self.tokens_embedded += sum(map(len, rows))
        shape = (len(rows), max(len(row) for row in rows))
        ids = np.zeros(shape, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = self._loaded(kind).run(["last_hidden_state"], inputs)
        # The mean over the tokens and their sum have the same direction.
        return unit_vectors(np.einsum("btd,bt->bd", states, mask.astype(np.float32)))

    def _loaded(self, kind: TextKind) -> "InferenceSession":
        # No lock: two that find nothing here are handed the same one.
        session = self._sessions.get(kind)
        if session is None:
            session = self._sessions[kind] = _SESSIONS[kind].get(self._model)
        return session


def _load(model: Path, *, threads: int) -> "InferenceSession":
    # For numpy, which comes with the runtime: its own threads, a core each, take time to start, for
    # which every other thread waits, and have nothing to do here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imported here: it takes a tenth of a second, which commands that embed nothing save.
    from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415

    options = SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin between two requests would take the cores from the server.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without this, what the largest batch ever took is never given back.
    options.enable_cpu_mem_arena = False
    check(model, MODEL)
    # By its path: a session keeps what it was made from, and this is 23 MB.
    session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    _give_memory_back()
    return session


# A question is so short that threads take longer to share its work than to do it. Hardly any
# process embeds both kinds, so hardly any holds the model twice.
_SESSIONS: "Final[Mapping[TextKind, SharedFile[InferenceSession]]]" = {
    "query": SharedFile(partial(_load, threads=1)),
    "document": SharedFile(partial(_load, threads=os.cpu_count() or 1)),
}


def _give_memory_back() -> None:
    """Return what loading has freed to the system; glibc keeps it, 80 MB for this model."""
    with suppress(AttributeError):  # Other C libraries have no such function, and no such habit.
        ctypes.CDLL(None).malloc_trim(0)


def _truncated(ids: list[int]) -> list[int]:
    """Keep the first tokens and the separator, which is last."""
    return ids if len(ids) <= _MAX_TOKENS else [*ids[: _MAX_TOKENS - 1], ids[-1]]
