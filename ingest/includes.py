"""Files that a page includes, put in where the site's generator would put them.

Each generator's own form is known: `{* file *}` and `{! file !}` (FastAPI's, mdx_include),
`--8<-- "file"` (pymdownx.snippets), `{{#include file}}` (mdBook), `<<< file` (VitePress).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ingest.code_fences import open_fence
from ingest.document import Notice
from ingest.included_files import IncludedFiles, IncludeError
from ingest.included_parts import (
    chosen_lines,
    fenced,
    indented,
    language_of,
    part_of,
    region_of,
    vitepress_part,
)

# Files that include files that include files: deeper is a circle.
DEEPEST_INCLUDE = 5
_MARKS = re.compile(r"\{[*!]|8<-|\{\{\s*#|<<<|@include:")

_SPACED = r"(?P<indentation>[ \t]*)"
_CODE = re.compile(
    rf"{_SPACED}(?:\{{\*\s*(?P<file>[^\s*]+)(?P<options>[^}}]*?)\*\}}"
    r"|<<<[ \t]*(?P<vitepress>[@./][^\s{#]*)(?P<region>#[\w-]+)?(?:\{(?P<meta>[^}]*)\})?"
    r"[ \t]*(?P<label>\[[^\]]*\])?.*)\s*"
)
_TEXT = re.compile(
    rf"{_SPACED}(?:-+8<-+[ \t]+(?P<quote>[\"'])(?P<snippet>[^\"']+)(?P=quote)"
    r"|\{!>?\s*(?P<mdx>[^\s!\[]+)\s*(?:\[ln:(?P<ln>[\d\-,]+)\])?\s*!\}"
    r"|<!--\s*@include:\s*(?P<vitepress>[^\s{#]+)(?P<region>#[^\s{]+)?"
    r"(?:\{(?P<range>\d*,?\d*)\})?\s*-->)\s*"
)
_MDBOOK = re.compile(
    r"(?<!\\)\{\{\s*#(?P<kind>include|rustdoc_include|playground)\s+(?P<file>[^\s{}]+)[^{}]*\}\}"
)
# `{1,3-4 ts:line-numbers}`: highlighted lines, then the language.
_LANGUAGE_OPTION = re.compile(r"[A-Za-z][\w+#-]*")
_LINE_OPTION = re.compile(r"\bln\[([\d:,]+)\]")


@dataclass(slots=True)
class Expanded:
    """A page's text with what it includes; lines of it may lie further down than in the file."""

    text: str
    notices: list[Notice] = field(default_factory=list)


class Includes:
    """Puts files in as the generators do that have no directives and no imports for it."""

    def __init__(self, files: IncludedFiles) -> None:
        self._files = files

    def may_change(self, path: str, content: bytes) -> bool:
        """Tell, far faster than `expand`, that nothing is there of what a page includes, if so."""
        return self._files.any_is_there(_included_names(content), path)

    def expand(self, path: str, text: str) -> Expanded:
        """Put in what the page at `path` includes; what can't be stays, with a notice."""
        expanded = Expanded("")
        folder = self._files.folder_of(path)
        expanded.text = "\n".join(self._lines(text, folder, expanded, path, depth=0))
        return expanded

    def _lines(
        self, text: str, folder: Path, expanded: Expanded, path: str, *, depth: int
    ) -> Iterator[str]:
        """Yield the lines of a text, those together that include nothing."""
        fence = ""
        done, number = 0, 1
        for mark in _MARKS.finditer(text):
            if mark.start() < done:
                continue
            start = text.rfind("\n", 0, mark.start()) + 1
            if start > done:
                before = text[done : start - 1]
                fence = open_fence(before, fence)
                number += before.count("\n") + 1
                yield before
            end = text.find("\n", start)
            line = text[start:end] if end >= 0 else text[start:]
            lines = None
            try:
                lines = self._included(line, folder, in_code=bool(fence))
            except IncludeError as error:
                expanded.notices.append(Notice(path, number, str(error)))
            if lines is None:
                fence = open_fence(line, fence)
                yield line
            elif depth >= DEEPEST_INCLUDE:
                message = "files include each other, or too deeply"
                expanded.notices.append(Notice(path, number, message))
            else:
                source, included = lines
                yield from self._lines(
                    "\n".join(included), source.parent, expanded, path, depth=depth + 1
                )
            done, number = start + len(line) + 1, number + 1
        if done <= len(text):
            yield text[done:]

    def _included(
        self, line: str, folder: Path, *, in_code: bool
    ) -> tuple[Path, Sequence[str]] | None:
        """Return the file and the lines that a line stands for; None for any other line."""
        if not in_code and (code := _CODE.fullmatch(line)):
            name = code["file"] or code["vitepress"]
            source, content = self._files.read(name, folder)
            options = code["options"] or ""
            if chosen := _LINE_OPTION.search(options):
                content = chosen_lines(content, chosen[1].replace(":", "-"))
            if code["region"]:
                content = region_of(content, code["region"][1:])
            language = _LANGUAGE_OPTION.search(code["meta"] or "")
            name = language[0] if language else language_of(source)
            lines = fenced(source, content, f"{name} {code['label'] or ''}".rstrip())
            return source, indented(lines, code["indentation"])
        if found := _TEXT.fullmatch(line):
            name = found["snippet"] or found["mdx"] or found["vitepress"]
            if found["snippet"]:
                source, content = self._read_part(name, folder)
            else:
                source, content = self._files.read(name, folder)
                content = chosen_lines(content, found["ln"]) if found["ln"] else content
                if found["vitepress"]:
                    content = vitepress_part(content, found["region"], found["range"])
            return source, indented(content, found["indentation"])
        if found := _MDBOOK.search(line):
            source, content = self._read_part(found["file"], folder)
            if found["kind"] == "playground" and not in_code:
                content = fenced(source, content)
            included = "\n".join(content)
            return source, f"{line[: found.start()]}{included}{line[found.end() :]}".split("\n")
        return None

    def _read_part(self, name: str, folder: Path) -> tuple[Path, list[str]]:
        """Read `file`, `file:3:5` or `file:section`."""
        name, part = _split_part(name)
        source, content = self._files.read(name, folder)
        return source, part_of(content, part)


def _included_names(content: bytes) -> Iterator[str]:
    """Yield the files that a page includes, in code or elsewhere."""
    # All other characters are taken out at once, which leaves little to search for each mark.
    marks = content.translate(None, _NO_MARKS)
    for mark, (sign, name_in) in _NAMES.items():
        found = content.find(mark) if sign in marks else -1
        while found >= 0:
            end = content.find(b"\n", found)
            if end < 0:
                end = len(content)
            line = content[content.rfind(b"\n", 0, found) + 1 : end].decode("utf-8", "replace")
            if name := name_in(line):
                yield name
            found = content.find(mark, end)


def _name_in_code(line: str) -> str:
    found = _CODE.fullmatch(line)
    return found["file"] or found["vitepress"] if found else ""


def _name_in_text(line: str) -> str:
    found = _TEXT.fullmatch(line)
    if found is None or not found["snippet"]:
        return found["mdx"] or found["vitepress"] if found else ""
    return _split_part(found["snippet"])[0]


def _name_in_mdbook(line: str) -> str:
    found = _MDBOOK.search(line)
    return _split_part(found["file"])[0] if found else ""


_NO_MARKS: Final = bytes(set(range(256)) - set(b"{*!8<-@"))
# By the mark that a line has in it: what is left of the mark then, and how the file is named.
_NAMES: Final[Mapping[bytes, tuple[bytes, Callable[[str], str]]]] = {
    b"{*": (b"{*", _name_in_code),
    b"<<<": (b"<<<", _name_in_code),
    b"{!": (b"{!", _name_in_text),
    b"8<-": (b"8<-", _name_in_text),
    b"@include:": (b"@", _name_in_text),
    b"{{": (b"{{", _name_in_mdbook),
}


def _split_part(name: str) -> tuple[str, str]:
    """Return the file of `file:3:5` or `file:section`, and which part of it is meant."""
    if "://" in name:
        return name, ""
    file, _, part = name.partition(":")
    return file, part
