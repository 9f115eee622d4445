"""Markdown with components, as Docusaurus and others have it: what they are called is text."""

import re
from collections.abc import Iterator

from ingest.anchors import Slugger
from ingest.document import Document
from ingest.readers.markdown import read_markdown
from ingest.readers.markdown_writer import escaped

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
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
_MAY_HOLD = re.compile(r"</?[A-Z]|\{/\*")


def read_docusaurus(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page; lines stay where they are."""
    if _MAY_HOLD.search(source):
        source = "\n".join(_shown(source.split("\n")))
    return read_markdown(path, source, slugger)


def _shown(lines: list[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
            yield line
        elif fence or len(line) > _LONGEST_LINE or ("<" not in line and "{/*" not in line):
            yield line
        elif tags := _TAGS.fullmatch(line):
            names = _names(line)
            yield f"{tags['indentation']}{names}" if names else line
        else:
            yield _without_components(line)


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
