"""A question becomes ranked passages."""

from server.errors import RetrievalUnavailable
from store.errors import EmbedderUnavailableError, IndexUnavailableError
from store.ports import Embedder, PassageIndex
from store.records import Manifest, ScoredPassage

# Each section is represented by its best passage alone, so more passages than sections are
# fetched: a section has three passages or fewer nearly always.
_PASSAGES_PER_SECTION = 3


class Retriever:
    """Searches the index with dense and BM25 vectors, fused by reciprocal rank fusion."""

    def __init__(self, embedder: Embedder, index: PassageIndex) -> None:
        self._embedder = embedder
        self._index = index

    @property
    def manifest(self) -> Manifest:
        """What the index that is searched was made with."""
        return self._index.manifest

    async def search(self, query: str, *, limit: int = 20) -> list[ScoredPassage]:
        """Return the best passage of each of the `limit` best sections, best first.

        Raises `RetrievalUnavailable` when the embedder or the vector engine fails.
        """
        query = " ".join(query.split())
        if not query:
            return []
        fetched = limit * _PASSAGES_PER_SECTION
        try:
            [vector] = await self._embedder.embed([query], kind="query")
            found = await self._index.search(
                text=query, vector=vector, limit=fetched, candidates=max(50, fetched)
            )
        except (EmbedderUnavailableError, IndexUnavailableError) as error:
            raise RetrievalUnavailable(str(error)) from error
        return best_of_each_section(found)[:limit]


def best_of_each_section(found: list[ScoredPassage]) -> list[ScoredPassage]:
    """Keep the first passage of each section, in order."""
    best: dict[tuple[str, str], ScoredPassage] = {}
    for scored in found:
        best.setdefault((scored.passage.path, scored.passage.anchor), scored)
    return list(best.values())
