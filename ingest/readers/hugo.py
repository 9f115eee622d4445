"""Markdown of Hugo: shortcodes are resolved as far as they are text."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from ingest.anchors import Slugger
from ingest.document import Document
from ingest.readers.front_matter import split_front_matter
from ingest.readers.markdown import read_markdown

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_CODE = re.compile(
    r"([ \t]*)\{\{[<%]\s*(?:highlight|code)\b[ \t]*(?:lang(?:uage)?=)?\"?([\w+-]*).*"
)
_CODE_END = re.compile(r"([ \t]*)\{\{[<%]\s*/\s*(?:highlight|code)\s*[%>]\}\}\s*")
_LINK = re.compile(r"\{\{[<%]\s*(?:rel)?ref\s+\"?([^\"\s%>]+)\"?[^%>]*[%>]\}\}")
# `{{</* shown */>}}` is a shortcode that is written about.
_SHORTCODE = re.compile(r"\{\{([<%])(?!\s*/\*)\s*/?\s*[\w./-]+(?:[^{}]|\{[^{}]*\})*?[%>]\}\}")
_WRITTEN = re.compile(r"\{\{([<%])/\*(.*?)\*/([%>])\}\}")
_PARAM = re.compile(r"\{\{[<%]\s*param\s+\"?(\w+)\"?\s*[%>]\}\}")
_TITLE = re.compile(r"\b(?:title|header|name|heading)=\"([^\"]*)\"")


def read_hugo(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page of a Hugo site; lines stay where they are."""
    source = _with_front_matter_first(source)
    if _PARAM.search(source):
        strings = split_front_matter(source).strings
        source = _PARAM.sub(lambda found: strings.get(found[1].lower(), found[0]), source)
    document = read_markdown(path, _resolve_shortcodes(source), slugger)
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


def _resolve_shortcodes(source: str) -> str:
    lines: list[str] = []
    fence = ""
    for line in source.split("\n"):
        mark = found[1] if (found := _FENCE.match(line)) else ""
        if fence:
            fence = "" if mark.startswith(fence) and not line.strip().strip(mark[:1]) else fence
            lines.append(line)
        elif mark:
            fence = mark
            lines.append(line)
        elif code := _CODE.fullmatch(line) or _CODE_END.fullmatch(line):
            language = code[2] if code.re is _CODE else ""
            lines.append(f"{code[1]}```{language}")
        else:
            linked = _LINK.sub(r"\1", line)
            lines.append(_WRITTEN.sub(r"{{\1\2\3}}", _SHORTCODE.sub(_shown, linked)).rstrip())
    return "\n".join(lines)


def _shown(shortcode: re.Match[str]) -> str:
    title = _TITLE.search(shortcode[0])
    return f"**{title[1]}**" if title and title[1] else ""
