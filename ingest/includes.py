"""Files that a page includes, put in where the site's generator would put them.

Each generator's own form is known: `{* file *}` and `{! file !}` (FastAPI's, mdx_include),
`--8<-- "file"` (pymdownx.snippets), `{{#include file}}` (mdBook), `<<< file` (VitePress).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from os.path import isfile
from pathlib import Path

from ingest.anchors.vitepress import vitepress_slug
from ingest.document import Notice

# Files that include files that include files: deeper is a circle.
DEEPEST_INCLUDE = 5
_LARGEST_BYTES = 1_000_000
_MARKS = re.compile(r"\{[*!]|8<-|\{\{\s*#|<<<|@include:")
# The same for all of a page, of which most have none: these are found faster.
_ANY_MARKS = (b"{*", b"{!", b"8<-", b"{{", b"<<<", b"@include:")

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
_FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})[^`]*")
# `{1,3-4 ts:line-numbers}`: highlighted lines, then the language.
_LANGUAGE_OPTION = re.compile(r"[A-Za-z][\w+#-]*")
_LINE_OPTION = re.compile(r"\bln\[([\d:,]+)\]")
# Lines that begin and end a named section: pymdownx.snippets, mdBook, VitePress.
_SECTION = (
    r"(?:-+8<-+\s*\[\s*(?:start|end)\s*:\s*{name}\s*\]"
    r"|\bANCHOR(?:_END)?:\s*{name}\s*$|#\s?(?:end)?region\b\s*{name}\s*(?:-->)?$)"
)
_ANY_SECTION = re.compile(_SECTION.format(name=r"[\w-]+"))
_SECTION_BEGINS = re.compile(r"start\s*:|ANCHOR:|#\s?region")
_HEADING = re.compile(r"(?P<level>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*$")
_LANGUAGES = {"py": "python", "js": "javascript", "ts": "typescript", "rs": "rust", "yml": "yaml"}


@dataclass(slots=True)
class Expanded:
    """A page's text with what it includes; lines of it may lie further down than in the file."""

    text: str
    notices: list[Notice] = field(default_factory=list)


class IncludeError(Exception):
    """A file can't be included; `str(error)` is the reason."""


class Includes:
    """Resolves the includes of one docs folder's pages, never outside of `project`."""

    def __init__(self, docs: Path, project: Path) -> None:
        self._docs = docs
        self._project = project
        self._sought: set[str] = set()
        self._bases: dict[Path, tuple[str, ...]] = {}
        self._folders: dict[str, Path] = {}

    @property
    def sought(self) -> frozenset[Path]:
        """Where included files were looked for: a change there may change a page."""
        locations = (Path(candidate).resolve() for candidate in self._sought)
        return frozenset(each for each in locations if each.is_relative_to(self._project))

    def expand(self, path: str, text: str) -> Expanded:
        """Put in what the page at `path` includes; what can't be stays, with a notice."""
        expanded = Expanded("")
        folder = self.folder_of(path)
        expanded.text = "\n".join(self._lines(text, folder, expanded, path, depth=0))
        return expanded

    def folder_of(self, path: str) -> Path:
        """Return the folder of a page."""
        return (self._docs / path).parent

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
                fence = _next_fence(fence, before)
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
                fence = _next_fence(fence, line)
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
            source, content = self.read(name, folder)
            options = code["options"] or ""
            if chosen := _LINE_OPTION.search(options):
                content = chosen_lines(content, chosen[1].replace(":", "-"))
            if code["region"]:
                content = _region(content, code["region"][1:])
            language = _LANGUAGE_OPTION.search(code["meta"] or "")
            name = language[0] if language else language_of(source)
            lines = fenced(source, content, f"{name} {code['label'] or ''}".rstrip())
            return source, indented(lines, code["indentation"])
        if found := _TEXT.fullmatch(line):
            name = found["snippet"] or found["mdx"] or found["vitepress"]
            if found["snippet"]:
                source, content = self._read_part(name, folder)
            else:
                source, content = self.read(name, folder)
                content = chosen_lines(content, found["ln"]) if found["ln"] else content
                if found["vitepress"]:
                    content = _vitepress_part(content, found["region"], found["range"])
            return source, indented(content, found["indentation"])
        if found := _MDBOOK.search(line):
            source, content = self._read_part(found["file"], folder)
            if found["kind"] == "playground" and not in_code:
                content = fenced(source, content)
            included = "\n".join(content)
            return source, f"{line[: found.start()]}{included}{line[found.end() :]}".split("\n")
        return None

    def _bases_of(self, folder: Path) -> tuple[str, ...]:
        """Return what generators resolve against.

        That is the page, the docs or the folder of their configuration, which lies above the page.
        """
        bases = self._bases.get(folder)
        if bases is None:
            above = takewhile(lambda each: each.is_relative_to(self._project), folder.parents)
            bases = self._bases[folder] = tuple(map(str, (folder, self._docs, *above)))
        return bases

    def _resolved(self, file: str) -> Path:
        """Resolve the path of a file, whose folder is mostly that of others."""
        folder, _, name = file.rpartition("/")
        resolved = self._folders.get(folder)
        if resolved is None:
            resolved = self._folders[folder] = Path(folder).resolve()
        location = resolved / name
        return location.resolve() if location.is_symlink() else location

    def _read_part(self, name: str, folder: Path) -> tuple[Path, list[str]]:
        """Read `file`, `file:3:5` or `file:section`."""
        name, _, part = (name, "", "") if "://" in name else name.partition(":")
        source, content = self.read(name, folder)
        return source, _part(content, part)

    def read(self, name: str, folder: Path) -> tuple[Path, list[str]]:
        """Find the file that a page in `folder` means by `name`, and return its lines.

        Raises `IncludeError`.
        """
        if name.startswith(("http://", "https://")):
            raise IncludeError(f"{name} is not fetched")
        if name.startswith("@/"):
            candidates = [f"{self._docs}/{name[2:]}"]
        else:
            candidates = [f"{base}/{name.lstrip('/')}" for base in self._bases_of(folder)]
        outside = False
        for candidate in candidates:
            self._sought.add(candidate)
            # Most candidates are not there, and a path object takes longer than to ask for it.
            if not isfile(candidate):  # noqa: PTH113
                continue
            location = self._resolved(candidate)
            if not location.is_relative_to(self._project):
                outside = True
            elif location.stat().st_size <= _LARGEST_BYTES:
                text = location.read_bytes().decode("utf-8", "replace")
                return location, text.replace("\r\n", "\n").removesuffix("\n").split("\n")
        if outside:
            raise IncludeError(f"{name} leads out of {self._project.name}/; not included")
        raise IncludeError(f"{name} is not there; not included")


def may_include(content: bytes) -> bool:
    """Tell cheaply whether a page may include anything."""
    return any(mark in content for mark in _ANY_MARKS)


def language_of(source: Path) -> str:
    """Return the language of a file's code, by its suffix."""
    suffix = source.suffix.lstrip(".").lower()
    return _LANGUAGES.get(suffix, suffix)


def _next_fence(fence: str, text: str) -> str:
    """Return the fence that is open behind a text; "" for none, before it as well."""
    if "```" not in text and "~~~" not in text:
        return fence
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line) if "```" in line or "~~~" in line else None
        if found and not fence:
            fence = found["mark"]
        elif found and found["mark"].startswith(fence) and line.strip() == found["mark"]:
            fence = ""
    return fence


def fenced(source: Path, content: Sequence[str], language: str = "") -> list[str]:
    """Put a file's lines between fences, in the language of the file unless it is given."""
    longest = max((len(run) for run in re.findall(r"`{3,}", "\n".join(content))), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}{language or language_of(source)}", *content, fence]


def indented(lines: Sequence[str], indentation: str) -> list[str]:
    """Indent lines, blank ones aside."""
    return [f"{indentation}{line}" if line else line for line in lines]


def chosen_lines(lines: Sequence[str], choice: str) -> list[str]:
    """Return the lines of a choice such as `1-3,7`, counted from 1."""
    chosen: list[str] = []
    for part in choice.split(","):
        first, dash, last = part.partition("-")
        start = int(first or 1)
        end = int(last or len(lines)) if dash else start
        chosen += lines[max(0, start - 1) : end]
    return chosen


def _vitepress_part(lines: list[str], region: str | None, span: str | None) -> list[str]:
    """Return a region or the section under a heading, lines such as `3,`, or what it is without.

    Front matter is left out of a file that is included whole.
    """
    if region:
        try:
            lines = _region(lines, region[1:])
        except IncludeError:
            lines = _under_heading(lines, region[1:])
    if span:
        return chosen_lines(lines, span.replace(",", "-"))
    if not region:
        # Few pages include such files, and YAML takes as long to load as most runs.
        from ingest.readers.front_matter import split_front_matter  # noqa: PLC0415

        lines = split_front_matter("\n".join(lines)).text.lstrip("\n").split("\n")
    return _without_section_marks(lines)


def _under_heading(lines: list[str], anchor: str) -> list[str]:
    """Return a section with its heading; VitePress takes the whole file when there is none."""
    start, level = 0, 0
    for number, line in enumerate(lines):
        heading = _HEADING.match(line)
        if heading and level and len(heading["level"]) <= level:
            return lines[start:number]
        if heading and not level and vitepress_slug(heading["text"]) == anchor.lower():
            start, level = number, len(heading["level"])
    return lines[start:]


def _part(lines: Sequence[str], part: str) -> list[str]:
    """Return `3`, `3:5`, `:5` or a named section of a file; all of it without a part."""
    if not part:
        return _without_section_marks(lines)
    numbers = part.split(":")
    if all(number.isdecimal() or not number for number in numbers):
        start = int(numbers[0] or 1)
        # One number alone begins a range in snippets, and is the only line in mdBook.
        end = int(numbers[1] or len(lines)) if len(numbers) > 1 else start
        return list(lines[max(0, start - 1) : end])
    return _region(lines, part)


def _region(lines: Sequence[str], name: str) -> list[str]:
    mark = re.compile(_SECTION.format(name=re.escape(name)))
    chosen: list[str] = []
    found = inside = False
    for line in lines:
        if mark.search(line):
            inside = bool(_SECTION_BEGINS.search(line))
            found = True
        elif inside and not _ANY_SECTION.search(line):
            chosen.append(line)
    if not found:
        raise IncludeError(f"there is no section {name}")
    return chosen


def _without_section_marks(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not _ANY_SECTION.search(line)]
