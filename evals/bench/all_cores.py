"""`python -m evals.bench.all_cores DOCS ROUNDS`: how long cutting pages takes by all cores.

In a process of its own, as ingest is one: with the models and threads of the bench it could not
fork. It prints the median, in seconds by the clock.
"""

import sys
import time
from pathlib import Path
from statistics import median

import anyio

from evals.bench.passages import CutPassage, cut_page
from ingest.chunking import Chunker
from ingest.processes import forked_workers, parse_files
from ingest.site import Site
from ingest.sources import SourceFile, read_source, scan
from store.embedders.minilm import MiniLmEmbedder

_ENDING_SECONDS = 0.05


class Splitter:
    """Reads a page and cuts it, as the splitters of other libraries do: no terms are weighed."""

    def __init__(self, site: Site) -> None:
        embedder = MiniLmEmbedder.bundled()
        self._site = site
        self._chunker = Chunker(max_tokens=embedder.max_tokens, count=embedder.count_tokens)

    def split(self, file: SourceFile) -> list[CutPassage]:
        """Return a page's passages."""
        return cut_page(self._site, self._chunker, file.path, read_source(file).text)


async def seconds(docs: Path, rounds: int) -> float:
    """Time all pages of a folder. Where no process can be forked, one core is all there is."""
    site = Site.of(docs, base_url="/")
    files = scan(site.docs, is_page=site.is_page, included=site.included).files
    for file in files:
        Splitter(site).split(file)  # What is loaded at the first use isn't counted.
    taken: list[float] = []
    for _ in range(rounds):
        # The threads of the round before are gone a moment after they are joined, and who has
        # threads can't fork.
        await anyio.sleep(_ENDING_SECONDS)
        splitter = Splitter(site)
        began = time.perf_counter()
        with forked_workers(splitter.split, files) as workers:
            pages = parse_files(splitter.split, files, workers=workers, processes=1)
            _ = [page async for page in pages]
        taken.append(time.perf_counter() - began)
    return median(taken)


if __name__ == "__main__":
    sys.stdout.write(f"{anyio.run(seconds, Path(sys.argv[1]), int(sys.argv[2]))}\n")
