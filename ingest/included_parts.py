"""What is put in of an included file: some of its lines, perhaps between fences."""

import re
from collections.abc import Sequence
from pathlib import Path

from ingest.anchors.vitepress import vitepress_slug
from ingest.included_files import IncludeError

# Lines that begin and end a named section: pymdownx.snippets, mdBook, VitePress.
_SECTION = (
    r"(?:-+8<-+\s*\[\s*(?:start|end)\s*:\s*{name}\s*\]"
    r"|\bANCHOR(?:_END)?:\s*{name}\s*$|#\s?(?:end)?region\b\s*{name}\s*(?:-->)?$)"
)
_ANY_SECTION = re.compile(_SECTION.format(name=r"[\w-]+"))
_SECTION_BEGINS = re.compile(r"start\s*:|ANCHOR:|#\s?region")
_HEADING = re.compile(r"(?P<level>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*$")
_LANGUAGES = {"py": "python", "js": "javascript", "ts": "typescript", "rs": "rust", "yml": "yaml"}


def language_of(source: Path) -> str:
    """Return the language of a file's code, by its suffix."""
    suffix = source.suffix.lstrip(".").lower()
    return _LANGUAGES.get(suffix, suffix)


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


def part_of(lines: Sequence[str], part: str) -> list[str]:
    """Return `3`, `3:5`, `:5` or a named section of a file; all of it without a part."""
    if not part:
        return _without_section_marks(lines)
    numbers = part.split(":")
    if all(number.isdecimal() or not number for number in numbers):
        start = int(numbers[0] or 1)
        # One number alone begins a range in snippets, and is the only line in mdBook.
        end = int(numbers[1] or len(lines)) if len(numbers) > 1 else start
        return list(lines[max(0, start - 1) : end])
    return region_of(lines, part)


def region_of(lines: Sequence[str], name: str) -> list[str]:
    """Return a named section of a file, without those within it. Raises `IncludeError`."""
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


def vitepress_part(lines: list[str], region: str | None, span: str | None) -> list[str]:
    """Return a region or the section under a heading, lines such as `3,`, or what it is without.

    Front matter is left out of a file that is included whole.
    """
    if region:
        try:
            lines = region_of(lines, region[1:])
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


def _without_section_marks(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not _ANY_SECTION.search(line)]
