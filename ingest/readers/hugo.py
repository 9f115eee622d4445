"""Markdown of Hugo: shortcodes are resolved as far as they are text."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from ingest.anchors import Slugger
from ingest.code_fences import open_fence
from ingest.document import Document
from ingest.readers.front_matter import split_front_matter
from ingest.readers.markdown import read_markdown

_CODE = re.compile(
    r"([ \t]*)\{\{[<%]\s*(?:highlight|code)\b[ \t]*(?:lang(?:uage)?=)?\"?([\w+-]*).*"
)
_CODE_END = re.compile(r"([ \t]*)\{\{[<%]\s*/\s*(?:highlight|code)\s*[%>]\}\}\s*")
_LINK = re.compile(r"\{\{[<%]\s*(?:rel)?ref\s+\"?([^\"\s%>]+)\"?[^%>]*[%>]\}\}")
# `{{</* shown */>}}` is a shortcode that is written about.
_SHORTCODE = re.compile(r"\{\{([<%])(?!\s*/\*)\s*/?\s*[\w./-]+(?:[^{}]|\{[^{}]*\})*?[%>]\}\}")
_WRITTEN = re.compile(r"\{\{([<%])/\*(.*?)\*/([%>])\}\}")
_PARAM = re.compile(r"\{\{[<%]\s*param\s+\"?(\w+)\"?\s*[%>]\}\}")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]")
# What is known to be put into the text as it stands here, before its anchor is made.
_KNOWN = re.compile(r"\{\{%\s*(?:param|(?:rel)?ref)\b[^{}]*%\}\}")
_ARGUMENT = re.compile(r"[<%]\s*[\w./-]+\s+[\"'`]([^\"'`]*)[\"'`]\s*[%>]")
_TITLE = re.compile(r"\b(?:title|header|name|heading)=\"([^\"]*)\"")


def read_hugo(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page of a Hugo site; lines stay where they are."""
    source = _with_front_matter_first(source)
    unknown = frozenset(_made_headings(source)) if "{{" in source else frozenset[int]()
    if _PARAM.search(source):
        strings = split_front_matter(source).strings
        source = _PARAM.sub(lambda found: strings.get(found[1].lower(), found[0]), source)
    document = read_markdown(path, _resolve_shortcodes(source), slugger)
    if unknown:
        sections = tuple(
            replace(part, section=replace(part.section, anchor=""))
            if part.section.line in unknown
            else part
            for part in document.sections
        )
        document = replace(document, sections=sections)
    # The page of a section lists its pages, whatever else it holds.
    return replace(document, lists_pages=PurePosixPath(path).stem.split(".")[0] == "_index")


def _with_front_matter_first(source: str) -> str:
    """Put blank lines that stand in front of the front matter, as Hugo allows, into it."""
    text = source.lstrip()
    blank = source[: len(source) - len(text)]
    if not blank or not text.startswith(("---", "+++", "{\n")):
        return source
    first, end, rest = text.partition("\n")
    return f"{first}{end}{blank}{rest}"


def _made_headings(source: str) -> Iterator[int]:
    """Yield the lines of headings with a shortcode: their anchors are made of what it becomes.

    With angle brackets, they are made of what Hugo puts in its place meanwhile.
    """
    for number, line in enumerate(source.split("\n"), start=1):
        if "{{" not in line or not _HEADING.match(line):
            continue
        if _SHORTCODE.search(_KNOWN.sub("", line)) and "{#" not in _SHORTCODE.sub("", line):
            yield number


def _resolve_shortcodes(source: str) -> str:
    lines: list[str] = []
    fence = ""
    for line in source.split("\n"):
        behind = open_fence(line, fence)
        if fence or behind:
            fence = behind
            lines.append(line)
        elif code := _CODE.fullmatch(line) or _CODE_END.fullmatch(line):
            language = code[2] if code.re is _CODE else ""
            lines.append(f"{code[1]}```{language}")
        else:
            linked = _LINK.sub(r"\1", line)
            shown = _shown_in_heading if _HEADING.match(line) else _shown
            lines.append(_WRITTEN.sub(r"{{\1\2\3}}", _SHORTCODE.sub(shown, linked)).rstrip())
    return "\n".join(lines)


def _shown(shortcode: re.Match[str]) -> str:
    title = _TITLE.search(shortcode[0])
    return f"**{title[1]}**" if title and title[1] else ""


def _shown_in_heading(shortcode: re.Match[str]) -> str:
    """Return the shortcode's only argument, in want of what it becomes."""
    argument = _ARGUMENT.search(shortcode[0])
    return argument[1] if argument else _shown(shortcode)
