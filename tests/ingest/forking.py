"""`python -m tests.ingest.forking DOCS` parses pages by forked processes and by this one."""

import sys
from pathlib import Path

import anyio

from ingest.parsing import Parser
from ingest.processes import forked_workers, parse_files
from ingest.run import Request
from ingest.sources import scan


def count_words(text: str) -> int:
    """Count the words of a text."""
    return len(text.split())


async def compare(docs: Path) -> None:
    """Print how many pages there are, whether processes forked, and whether it is the same."""
    site = Request(docs).site()
    files = scan(docs, is_page=site.is_page, included=site.included).files
    parser = Parser(site, max_tokens=256, count=count_words)
    with forked_workers(parser.parse, files, processes=2) as workers:
        together = [page async for page in parse_files(parser.parse, files, workers=workers)]
    alone = list(map(parser.parse, files))
    equal = [(page.page, page.passages, page.notices) for page in together] == [
        (page.page, page.passages, page.notices) for page in alone
    ]
    forked = "forked" if workers else "alone"
    sys.stdout.write(f"{len(together)} {forked} {'equal' if equal else 'different'}\n")


if __name__ == "__main__":
    anyio.run(compare, Path(sys.argv[1]))
