"""The ingest part: each stage beside what it can't do without, and beside other libraries."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from anyio import to_thread
from markdown_it import MarkdownIt

from evals.bench.defects import Defects, Source, count_defects
from evals.bench.figures import OURS, Bar, Part, Row, median_seconds, seconds_of
from evals.bench.passages import CutPassage, Pages, Peer, cut_page
from evals.bench.programs import cpu_seconds_of_module, output_of_module
from evals.bench.read_and_hash import MARKDOWN, read_and_hash
from ingest.budget import LIMIT_TOKENS
from ingest.chunking import Chunker
from ingest.progress import Silence
from ingest.run import Request, Summary, bring_up_to_date
from ingest.site import Site
from ingest.sources import SourceFile, read_source, scan
from store.embedders.cache import CachedEmbedder
from store.embedders.cl100k import count_cl100k_tokens
from store.ports import Embedder
from store.settings import StoreSettings

_FLOOR: Final = "floor"
_BARE: Final = "markdown-it-py"

# Goals: parsing and chunking as a multiple of the bare parse; a run without changes as a multiple
# of reading and hashing, beyond a fixed part.
_MOST_OF_PARSE: Final = 1.5
_MOST_OF_FLOOR: Final = 2.0
_FIXED_SECONDS: Final = 0.3

_CHANGED: Final = 0.01

# What is large and no part of any docs.
_NOT_COPIED: Final = (".git", ".venv*", ".*_cache", ".footnote", "node_modules", "__pycache__")


@dataclass(frozen=True)
class Corpus:
    """A copy of a docs folder that may be changed, with its Markdown pages alone."""

    site: Site
    files: tuple[SourceFile, ...]
    pages: Pages

    @classmethod
    def copied(cls, docs: Path, into: Path) -> "Corpus":
        """Copy the project that `docs` belongs to, because pages include its other files."""
        project = Site.of(docs, base_url="/").project
        copy = into / project.name
        shutil.copytree(
            project,
            copy,
            symlinks=True,
            ignore=shutil.ignore_patterns(*_NOT_COPIED),
        )
        site = Site.of(copy / docs.resolve().relative_to(project), base_url="/")
        for file in _scan(site):
            if not file.path.lower().endswith(MARKDOWN):
                file.location.unlink()
        files = _scan(site)
        return cls(site, files, [(file.path, read_source(file).text) for file in files])

    def read_and_hash(self) -> None:
        """Do the least that finding out what changed takes."""
        read_and_hash(str(self.site.docs))

    def parse(self) -> None:
        """Parse every page by markdown-it-py, with nothing around it."""
        parser = MarkdownIt()
        for _, text in self.pages:
            parser.parse(text)

    def split(self, embedder: Embedder) -> list[CutPassage]:
        """Parse and chunk every page, from texts that are read already."""
        chunker = Chunker(max_tokens=embedder.max_tokens, count=embedder.count_tokens)
        passages: list[CutPassage] = []
        for path, text in self.pages:
            passages += cut_page(self.site, chunker, path, text)
        return passages

    def edit(self, share: float) -> None:
        """Write a sentence more into a share of the pages, into one at least."""
        step = max(1, round(1 / share))
        edited = self.files[::step]
        for file in edited:
            with file.location.open("a", encoding="utf-8") as page:
                page.write("\n\nA sentence that was not here before.\n")


async def measure_ingest(
    docs: Path, embedder: Embedder, peers: Sequence[Peer], *, rounds: int
) -> Part:
    """Time ingest of the Markdown pages of `docs`, and count the defects of passages.

    All share one embedder, which has loaded its model before anything is timed.
    """
    await embedder.embed(["warm"], kind="document")
    with TemporaryDirectory(prefix="footnote-bench-") as folder:
        corpus = Corpus.copied(docs, Path(folder))
        parsing = _time_parsing(corpus, embedder, peers, rounds)
        defects = _count_defects(corpus, embedder, peers)
        all_cores = _time_all_cores(corpus, Path(folder), rounds)
        least, nothing = _time_whole_processes(corpus, Path(folder), rounds)
        runs = await _time_runs(corpus, embedder, peers, Path(folder), rounds)
    ours, bare = parsing[OURS], parsing[_BARE]
    floor, unchanged = parsing[_FLOOR], runs.unchanged
    bars = [
        Bar("parse and chunk / markdown-it-py's bare parse", ours / bare, _MOST_OF_PARSE),
        *(Bar(f"parse and chunk / {name}'s", ours / parsing[name]) for name in runs.peers),
        *(
            Bar(f"read, parse and chunk by all cores / {name}'s", all_cores / parsing[name], 1)
            for name in runs.peers
        ),
        *(Bar(f"whole ingest / {name}'s", runs.first / runs.peers[name], 1) for name in runs.peers),
        Bar(
            f"nothing changed / ({_MOST_OF_FLOOR:g} × read and hash + {_FIXED_SECONDS} s)",
            unchanged / (_MOST_OF_FLOOR * floor + _FIXED_SECONDS),
            1,
        ),
        Bar(
            f"nothing changed, the process's start included / ({_MOST_OF_FLOOR:g} × read and hash, "
            f"the same + {_FIXED_SECONDS} s)",
            nothing / (_MOST_OF_FLOOR * least + _FIXED_SECONDS),
            1,
        ),
        Bar("defects of passages", defects[OURS].total, 0, unit=""),
    ]
    rows = [
        Row("read and hash", "s", {_FLOOR: floor}),
        Row("parse", "s", {_BARE: bare}),
        Row("parse and chunk", "s", {OURS: ours} | {name: parsing[name] for name in runs.peers}),
        Row("read, parse and chunk by all cores", "s", {OURS: all_cores}),
        *(
            Row(kind, "", {who: found.by_kind[kind] for who, found in defects.items()})
            for kind in defects[OURS].by_kind
        ),
        Row("whole ingest", "s", {OURS: runs.first, **runs.peers}),
        *(Row(f"of it, {stage}", "s", {OURS: seconds}) for stage, seconds in runs.stages.items()),
        Row("again, nothing changed", "s", {OURS: unchanged}),
        Row("the same, the process's start included", "s", {_FLOOR: least, OURS: nothing}),
        Row("again, 1% of the pages changed", "s", {OURS: runs.changed}),
    ]
    size = sum(len(text.encode()) for _, text in corpus.pages)
    about = f"{len(corpus.pages)} Markdown pages, {size / 1e6:.2f} MB"
    return Part("ingest", about, tuple(bars), tuple(rows))


def _scan(site: Site) -> tuple[SourceFile, ...]:
    return scan(site.docs, is_page=site.is_page, included=site.included).files


def _time_parsing(
    corpus: Corpus, embedder: Embedder, peers: Sequence[Peer], rounds: int
) -> dict[str, float]:
    tasks: dict[str, Callable[[], object]] = {
        _FLOOR: corpus.read_and_hash,
        _BARE: corpus.parse,
        OURS: lambda: corpus.split(embedder),
    }
    for peer in peers:
        tasks[peer.name] = partial(peer.split, corpus.pages)
    for task in tasks.values():
        task()  # What is loaded at the first use isn't counted.
    return median_seconds(tasks, rounds)


def _time_all_cores(corpus: Corpus, folder: Path, rounds: int) -> float:
    docs = str(corpus.site.docs)
    return float(output_of_module("evals.bench.all_cores", docs, str(rounds), folder=folder))


def _time_whole_processes(corpus: Corpus, folder: Path, rounds: int) -> tuple[float, float]:
    """Time reading and hashing, and a run that finds nothing to do, each from a process's start."""
    docs = str(corpus.site.docs)
    floor = partial(cpu_seconds_of_module, "evals.bench.read_and_hash", docs, folder=folder)
    # An index without vectors is made in seconds, and as soon found to be up to date.
    environment = {"EMBEDDER": "none", "INDEX_DIR": str(folder / "words" / "index")}
    ingest = partial(cpu_seconds_of_module, "ingest", docs, folder=folder, environment=environment)
    ingest()
    times = [(floor(), ingest()) for _ in range(rounds)]
    least, nothing = zip(*times, strict=True)
    return median(least), median(nothing)


def _count_defects(corpus: Corpus, embedder: Embedder, peers: Sequence[Peer]) -> dict[str, Defects]:
    sources = {path: Source(text) for path, text in corpus.pages}
    ours = count_defects(
        corpus.split(embedder), sources, budget=LIMIT_TOKENS, count_tokens=count_cl100k_tokens
    )
    theirs = {
        peer.name: count_defects(
            peer.split(corpus.pages), sources, budget=peer.budget, count_tokens=count_cl100k_tokens
        )
        for peer in peers
    }
    return {OURS: ours, **theirs}


@dataclass(frozen=True, slots=True)
class _Runs:
    """Seconds of whole runs: the first one with its stages, later ones, and the peers' first."""

    first: float
    stages: Mapping[str, float]
    unchanged: float
    changed: float
    peers: Mapping[str, float]


async def _time_runs(
    corpus: Corpus, embedder: Embedder, peers: Sequence[Peer], folder: Path, rounds: int
) -> _Runs:
    # An index of its own, whatever the environment names.
    settings = StoreSettings(index_dir=folder / "index", qdrant_url="")
    cached = CachedEmbedder(embedder, folder / "embeddings.db")

    async def run() -> Summary:
        request = Request(corpus.site.docs)
        return await bring_up_to_date(settings, cached, request, progress=Silence())

    try:
        began = time.perf_counter()
        stages = (await run()).changes.seconds
        first = time.perf_counter() - began
        theirs = {
            peer.name: await seconds_of(to_thread.run_sync(_index, peer, corpus, embedder))
            for peer in peers
        }
        unchanged = median([await seconds_of(run()) for _ in range(rounds)])
        changed = []
        for _ in range(rounds):
            corpus.edit(_CHANGED)
            changed.append(await seconds_of(run()))
    finally:
        await cached.close()
    return _Runs(first, stages, unchanged, median(changed), theirs)


def _index(peer: Peer, corpus: Corpus, embedder: Embedder) -> None:
    pages = [(file.path, read_source(file).text) for file in corpus.files]
    peer.index(pages, embedder)
