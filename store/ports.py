"""The ports of this project: what an embedding engine and a vector engine must do.

The chat model's port is `agents.models.interface.Model`, the thread store's is
`chatkit.store.Store`; neither is wrapped.
"""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from store.records import IndexedPassage, Manifest, Page, Passage, Scope, ScoredPassage

Vector = list[float]


class Embedder(Protocol):
    """Turns text into vectors of unit length."""

    @property
    def name(self) -> str:
        """Engine, model and revision, as the manifest keeps them."""
        ...

    @property
    def dimension(self) -> int:
        """Length of each vector; 0 for an embedder of no vectors, by which search is lexical."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens of the model's own tokenizer that it reads; the rest of a text is ignored."""
        ...

    @property
    def count_tokens(self) -> Callable[[str], int]:
        """Count the model's own tokens, special ones included; other processes can be sent it."""
        ...

    @property
    def tokens_embedded(self) -> int:
        """Tokens that the engine has read since it was opened, as it counts them for the bill."""
        ...

    async def embed(
        self, texts: Sequence[str], *, kind: Literal["query", "document"]
    ) -> list[Vector]:
        """Return one vector a text, in order.

        Raises `store.errors.EmbedderUnavailableError` when the engine can't be reached.
        """
        ...

    async def close(self) -> None:
        """Release connections and memory."""
        ...


class DocumentEmbedder(Embedder, Protocol):
    """An `Embedder` that remembers documents."""

    async def recall(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of those documents that were embedded before."""
        ...


class PassageIndex(Protocol):
    """Reads the generation that is published, and moves over when a newer one is."""

    @property
    def manifest(self) -> Manifest:
        """The manifest of the generation that is being read."""
        ...

    async def search(
        self,
        *,
        text: str,
        vector: Vector,
        limit: int = 10,
        candidates: int = 50,
        scope: Scope | None = None,
    ) -> list[ScoredPassage]:
        """Rank passages by the fused scores of dense and BM25 search, best first.

        Where `manifest.dense` says that there are no vectors, or `vector` is empty, by BM25 alone.
        Each of the two searches hands `candidates` passages to the fusion. `scope.version` and
        `scope.locale` filter, its page is the caller's to weigh. Passages whose audience the
        scope's reader is none of are not found; without a scope, it is everyone. Raises
        `store.errors.IndexUnavailableError` when the engine fails; never returns [] for a failure.
        """
        ...

    async def pages(self) -> list[Page]:
        """Return every page ordered by path, with `text` left empty."""
        ...

    async def page(self, path: str) -> Page | None:
        """Return one whole page, or None when the index has no such path."""
        ...

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        """Return a page's passages by position; with `anchor`, those of that section alone."""
        ...

    async def close(self) -> None:
        """Release the engine."""
        ...


class IndexWriter(Protocol):
    """Builds the next generation beside the one being read, from a copy of it or from nothing.

    Nothing is visible to readers before `publish`.
    """

    async def leave_out_vectors(self) -> None:
        """Keep BM25's terms alone in a generation that begins from nothing and has nothing yet."""
        ...

    async def hashes(self) -> dict[str, str]:
        """Return the content hash of each page of the next generation by its path, in order."""
        ...

    async def passage_ids(self, path: str) -> set[str]:
        """Return the ids of a page's passages in the next generation."""
        ...

    async def remove_pages(self, paths: Sequence[str]) -> None:
        """Remove pages and their passages."""
        ...

    async def remove_passages(self, ids: Sequence[str]) -> None:
        """Remove passages by id."""
        ...

    async def put_pages(self, pages: Sequence[Page]) -> None:
        """Insert or replace page records (not their passages)."""
        ...

    async def put_passages(self, passages: Sequence[IndexedPassage]) -> None:
        """Insert or replace passages, with vectors or all without."""
        ...

    async def update_passages(self, passages: Sequence[Passage]) -> None:
        """Replace the record of passages that are there, keeping their vectors."""
        ...

    async def optimize(self) -> None:
        """Put the generation's files in order for searching, which may take a while."""
        ...

    async def publish(self, manifest: Manifest) -> None:
        """Make the generation durable, switch readers to it atomically, drop old ones.

        The writer numbers its generation itself, names its BM25 terms and counts the pages that not
        everyone may read: those fields of the manifest are replaced. It ends the writer; a failed
        one must still be abandoned.
        """
        ...

    async def abandon(self) -> None:
        """Throw the unpublished generation away; nothing to do after `publish`."""
        ...
