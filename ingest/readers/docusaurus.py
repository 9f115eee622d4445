"""Markdown with components, as Docusaurus and others have it: what they are called is text."""

import re
from collections.abc import Iterator

from ingest.anchors import Slugger
from ingest.code_fences import open_fence
from ingest.document import Document
from ingest.readers.markdown import read_markdown
from ingest.readers.markdown_writer import escaped

# A line of components' tags alone, one of which has a name.
_TAGS = re.compile(r"(?P<indentation>[ \t]*)(?:</?[A-Z][^<>{}]*>[ \t]*)+")
_NAME = re.compile(r"\s(?:label|title)=(?:\"([^\"]+)\"|'([^']+)')")
# Code comes first: in there, tags and comments are text.
_INLINE = re.compile(
    r"(?P<code>(?P<mark>`+)(?!`).*?(?<!`)(?P=mark)(?!`))|\{/\*.*?\*/\}"
    r"|</?(?P<tag>[A-Z][\w.]*)(?P<attributes>(?:\s(?:[^<>{}\"']|\"[^\"]*\"|'[^']*'"
    r"|\{(?:[^{}]|\{[^{}]*\})*\})*)?)(?P<empty>/?)>"
)
# Beyond it, what is opened and never closed would take its square to read.
_LONGEST_LINE = 5_000
# What begins with one character alone is found in an eighth of the time.
_BEGINS = re.compile(r"</?[A-Z]")
_BEGINS_OR_COMMENTS = re.compile(rf"{_BEGINS.pattern}|\{{/\*")


def read_docusaurus(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page; lines stay where they are."""
    return read_markdown(path, "\n".join(_shown(source)), slugger)


def _shown(source: str) -> Iterator[str]:
    """Yield the lines of a page, those together that hold no components."""
    fence = ""
    done = 0
    marks = _BEGINS_OR_COMMENTS if "{/*" in source else _BEGINS
    for found in marks.finditer(source):
        if found.start() < done:
            continue
        start = source.rfind("\n", 0, found.start()) + 1
        if start > done:
            before = source[done : start - 1]
            fence = open_fence(before, fence)
            yield before
        end = source.find("\n", start)
        line = source[start:end] if end >= 0 else source[start:]
        behind = open_fence(line, fence)
        is_text = not fence and not behind and len(line) <= _LONGEST_LINE
        yield _shown_line(line) if is_text else line
        fence = behind
        done = start + len(line) + 1
    if done <= len(source):
        yield source[done:]


def _shown_line(line: str) -> str:
    if tags := _TAGS.fullmatch(line):
        names = _names(line)
        return f"{tags['indentation']}{names}" if names else line
    return _without_components(line)


def _without_components(line: str) -> str:
    """Leave the text of a line that has components in it."""
    is_row = line.lstrip().startswith("|")

    def shown(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        names = _names(found["attributes"] or "")
        if names and not found["empty"]:
            return f"{names} "
        # A cell of a table may hold a sign alone, whose name tells what it is.
        return names or (found["tag"] or "" if is_row and found["empty"] else "")

    # A line of nothing else is taken out as a block, by those that know where it ends.
    is_text = _INLINE.sub(lambda found: found["code"] or "", line).strip()
    return _INLINE.sub(shown, line) if is_text else line


def _names(attributes: str) -> str:
    found = (each[1] or each[2] for each in _NAME.finditer(attributes))
    return " ".join(f"**{escaped(name).strip()}**" for name in found)
