"""The files of a docs folder: which of them are documents, and what they hold."""

import codecs
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.document import Notice
from store.errors import OperatorError

_IGNORED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A page longer than this is no page that anyone wrote.
_LARGEST_BYTES = 10_000_000


class SourceError(OperatorError):
    """The docs folder, or a file in it, can't be read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}. The index is unchanged.")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A document of the folder `root`; `path` is relative to it, with forward slashes."""

    root: Path
    path: str
    content_hash: str

    @property
    def location(self) -> Path:
        """Where the file lies."""
        return self.root / self.path


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document's text, and what was odd about its encoding."""

    text: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """The documents of a folder, by path, and the files that were left out."""

    files: tuple[SourceFile, ...]
    notices: tuple[Notice, ...]


def scan(
    root: Path, *, is_page: Callable[[str], bool], included: Callable[[str, bytes], bytes | None]
) -> Folder:
    """Find and hash every document under `root`: the files whose path `is_page` is true for.

    `included` returns what a page's text takes from other files, which its hash covers; None for
    a file that is no page after all.

    Raises `SourceError` for a missing folder, one without documents, and a file that can't be
    read: each is more likely a mistake than a wish to empty the index.
    """
    if not root.exists():
        raise SourceError(root, "there is no such folder")
    if not root.is_dir():
        raise SourceError(root, "this is not a folder")
    root = root.resolve()
    files: list[SourceFile] = []
    notices: list[Notice] = []
    for path in walk(root):
        if not is_page(path):
            continue
        content = read_bytes(root, path)
        if problem := _problem(content):
            notices.append(Notice(path, 1, f"{problem}; left out"))
            continue
        taken = included(path, content)
        if taken is not None:
            files.append(SourceFile(root, path, _digest(content, taken)))
    if not files:
        raise SourceError(root, "no documents in this folder")
    return Folder(tuple(sorted(files, key=lambda file: file.path)), tuple(notices))


def read_source(file: SourceFile) -> SourceText:
    """Read and decode a document: UTF-8, UTF-16 by its byte order mark, or else Latin-1.

    Raises `SourceError` when it can't be read any more.
    """
    content = read_bytes(file.root, file.path)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return SourceText(content.decode(encoding, "replace"))
    try:
        return SourceText(content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        notice = Notice(file.path, line, "not UTF-8; read as Latin-1")
        return SourceText(content.decode("latin-1"), (notice,))


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder of that name is left out, with all that is in it."""
    return name.startswith(".") or name in _IGNORED_FOLDERS


def walk(root: Path) -> Iterator[str]:
    """Yield the paths of the files under `root`, a resolved folder, in order.

    Folders that can't hold docs are left out; links that lead out of `root` or in a circle aren't
    followed. Raises `SourceError` for a folder that can't be read.
    """
    return _walk(root, root, "", (root,))


def _walk(root: Path, folder: Path, prefix: str, above: tuple[Path, ...]) -> Iterator[str]:
    # Plain strings: a path object for each of many thousand files costs more than its reading.
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise SourceError(folder, _reason(error)) from error
    for entry in entries:
        if is_hidden(entry.name):
            continue
        if entry.is_symlink():
            if _is_circle(entry.path):
                continue
            target = Path(entry.path).resolve()
            if not target.is_relative_to(root) or target in above:
                continue
        if not entry.is_dir():
            # To open a pipe would wait for its other end. A link to nothing is told by reading it.
            if entry.is_file() or not Path(entry.path).exists():
                yield prefix + entry.name
        else:
            location = Path(entry.path)
            inner = f"{prefix}{entry.name}/"
            yield from _walk(root, location, inner, (*above, location.resolve()))


def _is_circle(link: str) -> bool:
    """Tell whether links lead to each other, and to nothing else."""
    try:
        os.stat(link)  # noqa: PTH116  as in `_walk`
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def read_bytes(root: Path, path: str) -> bytes:
    """Read a file, or as much of it as shows that it is too large.

    Raises `SourceError` when it can't be read.
    """
    try:
        with open(f"{root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123  as in `_walk`
            return file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise SourceError(root / path, _reason(error)) from error


def _reason(error: OSError) -> str:
    return f"can't be read ({(error.strerror or 'input/output error').lower()})"


def _problem(content: bytes) -> str:
    if len(content) > _LARGEST_BYTES:
        return f"larger than {_LARGEST_BYTES // 1_000_000} MB"
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not is_utf16 and b"\0" in content[:8192]:
        return "binary, whatever its name says"
    return ""


def _digest(content: bytes, taken: bytes) -> str:
    digest = hashlib.sha256(content)
    digest.update(taken)
    return digest.hexdigest()
