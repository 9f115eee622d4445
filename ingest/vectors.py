"""The second generation of a large index: the passages of the first one, with their vectors."""

from collections.abc import Iterable

from ingest.changes import Changes
from ingest.embedding import BATCH, PassageWriter
from ingest.parsing import CutPassage
from ingest.progress import Progress
from store.ports import DocumentEmbedder, IndexWriter, PassageIndex
from store.records import Page


async def add_vectors(
    paths: Iterable[str],
    index: PassageIndex,
    writer: IndexWriter,
    embedder: DocumentEmbedder,
    *,
    changes: Changes,
    progress: Progress,
) -> None:
    """Copy the pages and passages at `paths` into a new generation, embedding each passage.

    The vectors that are made stay in the embedder's cache, so what is interrupted goes on there.
    """
    passages = PassageWriter(writer, embedder, changes, progress)
    pages: list[Page] = []
    cuts: list[CutPassage] = []

    async def write() -> None:
        await passages.put(cuts, dense=True)
        with changes.timed("write"):
            await writer.put_pages(pages)
        pages.clear()
        cuts.clear()

    for path in paths:
        with changes.timed("copy"):
            page = await index.page(path)
            cuts += map(CutPassage.of, await index.passages(path))
        if page is not None:
            pages.append(page)
        if len(cuts) >= BATCH:
            await write()
    await write()
