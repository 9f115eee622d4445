"""Check the index's links against a built site: every page and anchor has to exist there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from store.records import Page


@dataclass(frozen=True, slots=True)
class WrongLink:
    """A link that leads nowhere on the site."""

    path: str
    url: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.url}: {self.problem}"


def count_links(pages: Iterable[Page]) -> int:
    """Count the links that `wrong_links` looks at: one a page and one an anchor."""
    return sum(1 + sum(bool(section.anchor) for section in page.sections) for page in pages)


def wrong_links(pages: Iterable[Page], base_url: str, site: Path) -> Iterator[WrongLink]:
    """Yield each page, and each anchor of one, that isn't in the built site's folder."""
    for page in pages:
        file = _file_of(page.url, base_url, site)
        if file is None:
            yield WrongLink(page.path, page.url, "there is no such page")
            continue
        ids = _ids(file)
        for section in page.sections:
            if section.anchor and section.anchor not in ids:
                yield WrongLink(page.path, f"{page.url}#{section.anchor}", "no such anchor")


def _file_of(url: str, base_url: str, site: Path) -> Path | None:
    address = unquote(url.removeprefix(base_url.rstrip("/"))).lstrip("/")
    # What a server finds for an address: a folder's page, or any of these if it names no file.
    candidates: tuple[Path, ...]
    if address.endswith("/"):
        candidates = (site / address / "index.html", site / f"{address[:-1]}.html")
    else:
        candidates = (site / address, site / f"{address}.html", site / address / "index.html")
    return next((file for file in candidates if file.is_file()), None)


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids |= {value for name, value in attrs if value and name in {"id", "name"}}


def _ids(file: Path) -> set[str]:
    parser = _Ids()
    parser.feed(file.read_text(encoding="utf-8", errors="replace"))
    return parser.ids
