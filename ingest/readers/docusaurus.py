"""Markdown of Docusaurus: what components are called is text of the page."""

import re

from ingest.anchors import Slugger
from ingest.document import Document
from ingest.readers.markdown import read_markdown
from ingest.readers.markdown_writer import escaped

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
# A line of components' tags alone, one of which has a name.
_TAGS = re.compile(r"(?P<indentation>[ \t]*)(?:</?[A-Z][^<>{}]*>[ \t]*)+")
_NAME = re.compile(r"\s(?:label|title)=(?:\"([^\"]+)\"|'([^']+)')")


def read_docusaurus(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page; lines stay where they are."""
    if "label=" in source or "title=" in source:
        source = "\n".join(_named(source.split("\n")))
    return read_markdown(path, source, slugger)


def _named(lines: list[str]) -> list[str]:
    fence = ""
    named = list(lines)
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        elif not fence and "=" in line and (tags := _TAGS.fullmatch(line)):
            names = [escaped(found[1] or found[2]) for found in _NAME.finditer(line)]
            if names:
                shown = " ".join(f"**{name.strip()}**" for name in names)
                named[number] = f"{tags['indentation']}{shown}"
    return named
