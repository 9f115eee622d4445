"""Pages that a generator's configuration leaves out by glob patterns."""

import posixpath
import re
from collections.abc import Callable
from pathlib import Path

from ingest.configuration import (
    VITEPRESS_CONFIGS,
    configuration,
    strings_of,
    text_of,
)
from ingest.docusaurus_addresses import whole_site
from ingest.mkdocs_addresses import languages_of
from ingest.mkdocs_settings import mkdocs_settings

_GLOB = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]]*\]|\{[^{}]*\}|.", re.DOTALL)
# What MkDocs leaves out unless it is told otherwise.
_MKDOCS_DEFAULT = "/templates/"


# What VitePress never reads; `[name].md` makes pages that a script alone knows.
_VITEPRESS_DEFAULT = re.compile(r"(?:.*/)?dist/.*|.*\[\w+\].*")


def outside_src_exclude(docs: Path) -> Callable[[str], bool]:
    """Take what VitePress' `srcExclude` does not match."""
    globs = strings_of(configuration(docs, VITEPRESS_CONFIGS), "srcExclude")
    patterns = [_VITEPRESS_DEFAULT, *(re.compile(_regular(glob)) for glob in globs)]
    return lambda path: not any(pattern.fullmatch(path) for pattern in patterns)


def of_docusaurus(docs: Path) -> Callable[[str], bool]:
    """Take what belongs to the docs, the pages or the blog of a whole site; else all."""
    site = whole_site(docs)
    if site is None:
        return lambda _path: True

    def is_page(path: str) -> bool:
        if site.find(posixpath.splitext(path)[0], {}) is None:
            return False
        return not path.startswith("i18n/") or (docs / site.original(path)).exists()

    return is_page


def outside_exclude_docs(docs: Path) -> Callable[[str], bool]:
    """Take what MkDocs' `exclude_docs` and `draft_docs`, written as in .gitignore, leave."""
    settings = mkdocs_settings(docs)
    languages = languages_of(settings)
    lines = [_MKDOCS_DEFAULT]
    for name in ("exclude_docs", "draft_docs"):
        lines += text_of(settings, name).splitlines()
    patterns = [
        (re.compile(_ignoring(line.removeprefix("!"))), not line.startswith("!"))
        for line in map(str.strip, lines)
        if line and not line.startswith("#")
    ]

    def is_page(path: str) -> bool:
        folder, name = posixpath.split(path)
        if name == "README.md" and (docs / folder / "index.md").exists():
            return False  # Both would be the folder's page.
        if (
            languages.unbuilt
            and languages.split(posixpath.splitext(path)[0])[1] in languages.unbuilt
        ):
            return False
        excluded = [excludes for pattern, excludes in patterns if pattern.fullmatch(path)]
        return not excluded or not excluded[-1]

    return is_page


def _ignoring(line: str) -> str:
    """Turn a line as of .gitignore into a regular expression of paths."""
    pattern = _regular(line.strip("/"))
    is_anywhere = "/" not in line.rstrip("/")
    inside = "/.*" if line.endswith("/") else "(?:/.*)?"
    return f"{'(?:.*/)?' if is_anywhere else ''}{pattern}{inside}"


def _regular(glob: str) -> str:
    return "".join(_part(found[0]) for found in _GLOB.finditer(glob.removeprefix("./")))


def _part(part: str) -> str:
    match part:
        case "**/":
            return "(?:.*/)?"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case _ if len(part) > 2 and part[0] == "[":
            negated = part[1] in "!^"
            return f"[{'^' if negated else ''}{re.escape(part[1 + negated : -1])}]".replace(
                r"\-", "-"
            )
        case _ if len(part) > 1 and part[0] == "{":
            return f"(?:{'|'.join(map(_regular, part[1:-1].split(',')))})"
        case _:
            return re.escape(part)
