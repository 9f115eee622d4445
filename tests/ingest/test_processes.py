"""Pages are parsed by several processes as by one."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
from anyio import to_thread

from ingest.parsing import ParsedPage, Parser
from ingest.processes import ParsingError, forked_workers, parse_files
from ingest.run import Request
from ingest.sources import SourceError, SourceFile, scan

PAGES = 60


def count_words(text: str) -> int:
    """Count the words of a text; the name of its file is told by one that ends the process."""
    if "DEADLY" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    return len(text.split())


@pytest.fixture(autouse=True)
def _processes_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start other processes after the first page, whatever they cost."""
    monkeypatch.setattr("ingest.processes._TRIAL_PAGES", 1)
    monkeypatch.setattr("ingest.processes._STARTING_SECONDS", -1.0)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for number in range(PAGES):
        # One of them takes a process most of its time.
        words = 12_000 if number == PAGES - 9 else number % 7 * 90
        text = f"# Page {number}\n\nText {number}.\n\n## Part\n\n{'Word ' * words}end.\n"
        (tmp_path / f"page{number:02}.md").write_text(text)
    return tmp_path


def parser_and_files(docs: Path) -> tuple[Parser, tuple[SourceFile, ...]]:
    site = Request(docs).site()
    files = scan(docs, is_page=site.is_page, included=site.included).files
    return Parser(site, max_tokens=256, count=count_words), files


def parsing(docs: Path, *, processes: int) -> AsyncGenerator[ParsedPage]:
    parser, files = parser_and_files(docs)
    return parse_files(parser.parse, files, processes=processes)


async def test_several_processes_give_what_one_gives(docs: Path) -> None:
    alone = [page async for page in parsing(docs, processes=1)]
    together = [page async for page in parsing(docs, processes=2)]
    assert [page.file.path for page in together] == [f"page{n:02}.md" for n in range(PAGES)]
    assert [(page.page, page.passages, page.notices) for page in together] == [
        (page.page, page.passages, page.notices) for page in alone
    ]


@pytest.mark.slow
async def test_who_stops_listening_ends_the_processes(docs: Path) -> None:
    async with aclosing(parsing(docs, processes=2)) as pages:
        async for page in pages:
            if page.file.path == "page20.md":
                break
    assert not children()


def test_forked_processes_give_what_one_gives(docs: Path) -> None:
    """In a process of its own: forks are for one without threads."""
    command = [sys.executable, "-W", "error", "-m", "tests.ingest.forking", str(docs)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(PAGES), "forked", "equal"], run.stderr


async def test_a_process_with_threads_does_not_fork(docs: Path) -> None:
    parser, files = parser_and_files(docs)
    await to_thread.run_sync(docs.exists)
    with forked_workers(parser.parse, files, processes=2) as workers:
        assert workers is None


async def test_a_process_that_dies_is_one_line(docs: Path) -> None:
    (docs / "page40.md").write_text("# Page\n\nDEADLY\n")
    with pytest.raises(ParsingError, match=r"has died, at page\d\d\.md or soon behind it"):
        _ = [page async for page in parsing(docs, processes=2)]


@pytest.mark.slow
async def test_a_file_that_went_away_is_named(docs: Path) -> None:
    pages = parsing(docs, processes=2)
    (docs / "page41.md").unlink()
    with pytest.raises(SourceError, match=r"page41\.md: can't be read"):
        _ = [page async for page in pages]


async def test_a_page_that_breaks_its_reader_costs_itself_alone(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Request(docs).site()
    read = type(site).read

    def fragile(self: object, path: str, text: str) -> object:
        if path == "page03.md":
            raise RecursionError("too deep")
        return read(site, path, text)

    monkeypatch.setattr(type(site), "read", fragile)
    pages = [page async for page in parsing(docs, processes=1)]
    assert len(pages) == PAGES
    [broken] = [page for page in pages if page.page is None]
    assert [str(notice) for notice in broken.notices] == [
        "page03.md:1: can't be parsed (RecursionError: too deep); left out"
    ]


def children() -> list[str]:
    """Return the processes that this one has started and that parse."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"spawn_main" in command:
                found.append(child)
    return found
