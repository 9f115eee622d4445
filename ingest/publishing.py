"""Which files the site's generator makes pages of, where more than their names tell."""

import posixpath
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote

from ingest.document import Notice
from ingest.sphinx_settings import sphinx_settings

IsPage = Callable[[str], bool]
"""Tells whether there is a page of the file at a path below the docs folder."""

Rule = Callable[[Path], IsPage]
"""Makes that from the docs folder."""

_SUMMARY_LINK = re.compile(
    r"\[(?P<title>(?:[^\[\]]|\[[^\[\]]*\])*)\](?:\(<?(?P<path>[^)>#]*)[^)]*\)|\[(?P<reference>[^\]]+)\])"
)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?P<reference>[^\]]+)\]:[ \t]*<?(?P<path>[^\s>#]+)", re.MULTILINE
)
# The beginning of a file, with the front matter of any page that anyone wrote.
_HEAD_BYTES = 20_000
_FIELD = re.compile(
    rb"^[ \t]*[\"']?(?P<name>draft|unlisted|date|publishDate|expiryDate|render|headless)[\"']?"
    rb"[ \t]*[:=][ \t]*[\"']?(?P<value>[\w:.+-]+)",
    re.MULTILINE | re.IGNORECASE,
)
# What conf.py holds somewhere when an extension reads what Sphinx itself does not.
_READERS = {
    ".md": r"myst|markdown|m2r|nbsphinx|jupyter_book|import \*",
    ".ipynb": r"nbsphinx|myst_nb|jupyter_book|ipynb|import \*",
}
_NOINDEX = re.compile(rb"<meta\b[^<>]*\bname=[\"']?robots[^<>]*\bnoindex", re.IGNORECASE)
_FENCES = {b"---": b"\n---", b"+++": b"\n+++", b"{": b"\n}"}


def everything(_docs: Path) -> IsPage:
    """Take every file."""
    return lambda _path: True


def in_summary(docs: Path) -> IsPage:
    """Take what mdBook's SUMMARY.md links to; all, when there is none."""
    titles = summary_titles(docs)
    return (lambda path: path in titles) if titles else everything(docs)


def summary_titles(docs: Path) -> Mapping[str, str]:
    """Return the chapters of mdBook's SUMMARY.md: what it calls them, by path."""
    try:
        summary = (docs / "SUMMARY.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    defined = {
        definition["reference"].lower(): definition["path"]
        for definition in _DEFINITION.finditer(summary)
    }
    titles: dict[str, str] = {}
    for link in _SUMMARY_LINK.finditer(summary):
        path = link["path"] or defined.get((link["reference"] or "").lower(), "")
        if path.strip():
            titles[posixpath.normpath(unquote(path.strip()))] = link["title"]
    return titles


def no_titles(_docs: Path) -> Mapping[str, str]:
    """Leave the titles to the pages."""
    return {}


def nothing_to_tell(_docs: Path) -> tuple[Notice, ...]:
    """Follow all that the configuration says."""
    return ()


def by_nothing_else(_folder: Path) -> bool:
    """Tell a generator by the names of its configuration alone."""
    return False


def no_languages(_docs: Path) -> frozenset[str]:
    """Leave the languages to the folders."""
    return frozenset()


def outside_bundles(docs: Path) -> IsPage:
    """Take all but what lies beside, or below, an `index` page: Hugo's page resources."""
    bundles: dict[str, bool] = {}

    def is_bundle(folder: str) -> bool:
        if folder not in bundles:
            has_index = any((docs / folder).glob("index.*"))
            bundles[folder] = has_index or (bool(folder) and is_bundle(posixpath.dirname(folder)))
        return bundles[folder]

    def is_page(path: str) -> bool:
        folder, name = posixpath.split(path)
        if posixpath.splitext(name)[0].split(".")[0] == "index":
            return not folder or not is_bundle(posixpath.dirname(folder))
        return not folder or not is_bundle(folder)

    return is_page


def in_sphinx_project(docs: Path) -> IsPage:
    """Take the suffixes of `source_suffix` in conf.py, and leave out its `exclude_patterns`."""
    names = frozenset({"exclude_patterns", "source_suffix", "extensions"})
    settings = sphinx_settings(docs, names)
    excluded = _texts(settings.get("exclude_patterns"))
    # Notebooks and Markdown come by extensions, which need not name their suffix here.
    extensions = _texts(settings.get("extensions"))
    suffixes = _texts(settings.get("source_suffix"))
    missing = {".rst", ".txt"} - set(suffixes) if suffixes else set()
    if not suffixes and _is_without(docs / "conf.py", "source_suffix"):
        missing = {".txt"}
    if extensions:
        missing |= {
            suffix
            for suffix, reader in _READERS.items()
            if suffix not in suffixes and _is_without(docs / "conf.py", reader)
        }

    def is_page(path: str) -> bool:
        if posixpath.splitext(path)[1] in missing:
            return False
        return not any(_matches(path, pattern) for pattern in excluded)

    return is_page


def is_unlisted(content: bytes) -> bool:
    """Tell whether the front matter calls the page a draft, or keeps it out of every list."""
    fields = _fields(content)
    return "true" in {fields.get("draft"), fields.get("unlisted")}


def is_draft_post(content: bytes) -> bool:
    """Tell whether the front matter is that of a draft in a blog: no other page has a date."""
    fields = _fields(content)
    return "date" in fields and fields.get("draft") == "true"


def is_withheld_by_hugo(content: bytes) -> bool:
    """Tell whether Hugo makes no page of a file: a draft, one of another day, one never shown."""
    fields = _fields(content[: 2 * _HEAD_BYTES].lstrip())
    today = datetime.now(UTC).date().isoformat()
    return (
        fields.get("draft") == "true"
        or fields.get("headless") == "true"
        or fields.get("render") in {"never", "link", "false"}
        or fields.get("publishdate", fields.get("date", ""))[:10] > today
        or "" < fields.get("expirydate", "")[:10] < today
    )


def is_kept_from_search(content: bytes) -> bool:
    """Tell whether a built page asks not to be indexed, as mdBook's print page of all others."""
    return _NOINDEX.search(content[:_HEAD_BYTES]) is not None


def nothing(_content: bytes) -> bool:
    """Publish every page."""
    return False


def _fields(content: bytes) -> dict[str, str]:
    """Read the plain fields that decide about a page, cheaply: each page is asked."""
    head = content[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    end = next((end for mark, end in _FENCES.items() if head.startswith(mark)), None)
    block = head[: max(0, head.find(end, 1))] if end else b""
    return {
        field["name"].decode().lower(): field["value"].decode("ascii", "replace").lower()
        for field in _FIELD.finditer(block)
    }


def _is_without(script: Path, pattern: str) -> bool:
    try:
        return not re.search(pattern, script.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return False


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(filter(_is_text, value)) if isinstance(value, (list, tuple, dict)) else ()


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _matches(path: str, pattern: str) -> bool:
    """Match as Sphinx does: a pattern that names a folder takes all that is in it."""
    pattern = pattern.rstrip("/")
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*")
