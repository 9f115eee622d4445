"""Where each page lives on this site, and which page a link or a requested address means."""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from store.records import Page

DOCS_ROOT = "/docs/"
_MOST_QUESTIONS = 3
_LONGEST_QUESTION = 60
_FOLDER_PAGES = ("index", "readme")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; `address` is its path on this site."""

    path: str
    title: str
    address: str


@dataclass(slots=True)
class Folder:
    """A folder of the docs: its pages, the folder's own first, then its folders.

    `path` ends with a slash, but for the root's, which is "".
    """

    path: str
    title: str
    entries: list[Entry] = field(default_factory=list)
    folders: dict[str, "Folder"] = field(default_factory=dict)

    def walk(self) -> Iterator[Entry]:
        """Yield every entry in the order in which the navigation shows it."""
        yield from self.entries
        for folder in self.folders.values():
            yield from folder.walk()


class SiteMap:
    """Every page of one generation of the index, by address, by path and as a tree.

    `questions` are a few that the docs ask and answer themselves, in headings.
    """

    def __init__(self, pages: Sequence[Page]) -> None:
        self.tree = Folder(path="", title="")
        self._entries: dict[str, Entry] = {}
        self._by_address: dict[str, Entry] = {}
        for page in sorted(pages, key=lambda page: _reading_order(page.path)):
            entry = Entry(path=page.path, title=page.title, address=_address(page))
            self._entries[page.path] = entry
            self._by_address.setdefault(entry.address, entry)
            self._file(entry)
        self._order = list(self.tree.walk())
        self._positions = {entry.path: place for place, entry in enumerate(self._order)}

        self.questions = _questions(pages)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def start(self) -> Entry | None:
        """The page of the docs' root folder, if it has one."""
        first = self.tree.entries[:1]
        return first[0] if first and _is_folder_page(first[0].path) else None

    def entry(self, path: str) -> Entry:
        """Return the entry of a page that is known to be there."""
        return self._entries[path]

    def requested(self, rest: str) -> Entry | None:
        """Find the page that a request for `/docs/{rest}` means, with or without a slash or suffix.

        `rest` is not percent-encoded.
        """
        address = DOCS_ROOT + quote(rest)
        for candidate in (address, address.rstrip("/"), f"{address}/"):
            if candidate in self._by_address:
                return self._by_address[candidate]
        return self._at(rest)

    def linked(self, target: str, *, source: str) -> Entry | None:
        """Find the page that a link's path, written in the page at path `source`, means."""
        path = unquote(target)
        if path.startswith(DOCS_ROOT) and (entry := self.requested(path.removeprefix(DOCS_ROOT))):
            return entry
        if path.startswith("/"):
            return self._at(path)
        entry = self._at(posixpath.join(posixpath.dirname(source), path))
        if entry is None and not _is_folder_page(source):
            # Sites that end addresses with a slash have links written from one level deeper.
            entry = self._at(posixpath.join(PurePosixPath(source).with_suffix("").as_posix(), path))
        # A link may also be to an address, such as `guide.html` to the page `guide.rst`; and
        # Docusaurus finds files from the docs' root as well.
        return entry or self._beside(source, target) or self._at(path)

    def neighbours(self, path: str) -> tuple[Entry | None, Entry | None]:
        """Return the pages before and after this one in reading order."""
        place = self._positions[path]
        before = self._order[place - 1] if place else None
        after = self._order[place + 1] if place + 1 < len(self._order) else None
        return before, after

    def _at(self, path: str) -> Entry | None:
        path = posixpath.normpath(path.strip("/") or ".")
        stems = [path] if path != "." else []
        folder = "" if path == "." else f"{path}/"
        stems += [f"{folder}{name}" for name in ("index", "README", "readme")]
        for stem in stems:
            for candidate in (stem, f"{stem}.md", f"{stem}.mdx", f"{stem}.markdown"):
                if candidate in self._entries:
                    return self._entries[candidate]
        return None

    def _beside(self, source: str, target: str) -> Entry | None:
        folder = posixpath.dirname(self._entries[source].address)
        address = posixpath.normpath(posixpath.join(folder, target))
        # Docs that are published elsewhere have addresses without a suffix here.
        return self._by_address.get(address) or self._by_address.get(address.removesuffix(".html"))

    def _file(self, entry: Entry) -> None:
        folder = self.tree
        for name in PurePosixPath(entry.path).parts[:-1]:
            below = Folder(path=f"{folder.path}{name}/", title=_folder_title(name))
            folder = folder.folders.setdefault(name, below)
        folder.entries.append(entry)


def _questions(pages: Sequence[Page]) -> list[str]:
    headings = [section.heading for page in pages for section in page.sections]
    short = (one for one in headings if one.endswith("?") and len(one) <= _LONGEST_QUESTION)
    # The widget is given them in one attribute, where this sign parts them.
    return [one for one in dict.fromkeys(short) if "|" not in one][:_MOST_QUESTIONS]


def _address(page: Page) -> str:
    """Return the page's own URL if it is of this site, else one made from its path."""
    url = urlsplit(page.url)
    if not url.netloc and url.path.startswith(DOCS_ROOT):
        return url.path
    stem = PurePosixPath(page.path).with_suffix("")
    if _is_folder_page(page.path):
        folder = stem.parent.as_posix()
        return DOCS_ROOT if folder == "." else f"{DOCS_ROOT}{quote(folder)}/"
    return DOCS_ROOT + quote(stem.as_posix())


def _reading_order(path: str) -> tuple[tuple[str, ...], bool, str]:
    pure = PurePosixPath(path)
    return pure.parts[:-1], not _is_folder_page(path), pure.name


def _is_folder_page(path: str) -> bool:
    return PurePosixPath(path).stem.lower() in _FOLDER_PAGES


def _folder_title(name: str) -> str:
    words = name.lstrip("0123456789-_. ").replace("-", " ").replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]
