"""Markdown of Jekyll: Liquid and kramdown's attributes are resolved as far as they are text."""

import re
from collections.abc import Iterator, Mapping

from ingest.anchors import Slugger
from ingest.code_fences import open_fence
from ingest.document import Document
from ingest.readers.front_matter import split_front_matter
from ingest.readers.markdown import read_markdown

_LIQUID = re.compile(r"\{%|\{\{")
_TAG = re.compile(r"\{%-?\s*(?P<name>\w+)(?P<markup>(?:[^%]|%(?!\}))*)%\}")
_OUTPUT = re.compile(r"\{\{-?\s*(?P<value>[^{}|]*?)\s*(?:\|[^{}]*)?-?\}\}")
_TEXT = re.compile(r"\b(?:content|text|title|caption)=(?:\"([^\"]*)\"|'([^']*)')")
# What is between these is made when the site is built, or shown to nobody.
_MADE = {
    "for": "endfor",
    "comment": "endcomment",
    "capture": "endcapture",
    "tablerow": "endtablerow",
}
_LONGEST_LINE = 5_000
_HEADING = re.compile(r"#{1,6}[ \t]")
_BLOCK_ATTRIBUTES = re.compile(r"[ \t]*\{:(?P<list>[^{}]*)\}[ \t]*")
_EXTENSION = re.compile(r"[ \t]*\{::[^{}]*\}[ \t]*")
_ATTRIBUTES = re.compile(r"(?P<code>(?P<mark>`+)(?!`).*?(?<!`)(?P=mark)(?!`))|\{:[^{}]*\}")
_ID = re.compile(r"#([\w:.-]+)")


def read_jekyll(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page; lines stay where they are."""
    if _LIQUID.search(source):
        fields = split_front_matter(source).strings
        source = "\n".join(_without_liquid(source.split("\n"), fields))
    if "{:" in source:
        source = "\n".join(_without_attributes(source.split("\n")))
    return read_markdown(path, source, slugger)


def _without_liquid(lines: list[str], fields: Mapping[str, str]) -> Iterator[str]:
    """Yield lines without tags and with what is known of the page; in `raw`, as they are."""
    until = ""

    def shown(tag: re.Match[str]) -> str:
        nonlocal until
        name = tag["name"]
        if until:
            until = "" if name == until else until
            return ""
        if name == "raw":
            until = "endraw"
        elif name in _MADE and _MADE[name] not in tag.string[tag.end() :]:
            until = _MADE[name]
        match name:
            case "highlight":
                return f"```{next(iter(tag['markup'].split()), '')}"
            case "endhighlight":
                return "```"
            case "include":
                found = _TEXT.search(tag["markup"])
                return (found[1] or found[2] or "") if found else ""
            case _:
                return ""

    def value(output: re.Match[str]) -> str:
        written = output["value"]
        if written[:1] in {"'", '"'}:
            return written.strip("\"'")
        return fields.get(written.removeprefix("page."), "") if "page." in written else ""

    for line in lines:
        if len(line) > _LONGEST_LINE:
            yield line
        elif until == "endraw":
            yield _TAG.sub(shown, line) if "endraw" in line else line
        elif until:
            _TAG.sub(shown, line)
            yield ""
        elif "{%" in line or "{{" in line:
            text = _OUTPUT.sub(value, line) if "{% raw" not in line else line
            yield _TAG.sub(shown, text).rstrip()
        else:
            yield line


def _without_attributes(lines: list[str]) -> Iterator[str]:
    """Yield lines without lists of attributes; a heading's id is put behind it."""
    fence = ""
    for number, line in enumerate(lines):
        behind = open_fence(line, fence)
        if fence or behind:
            fence = behind
            yield line
        elif _BLOCK_ATTRIBUTES.fullmatch(line) or _EXTENSION.fullmatch(line):
            yield ""
        elif _HEADING.match(line):
            below = _BLOCK_ATTRIBUTES.fullmatch("".join(lines[number + 1 : number + 2]))
            anchor = _ID.search(below["list"]) if below else None
            yield f"{line} {{#{anchor[1]}}}" if anchor else line
        elif lines[number + 1 : number + 2] == ["{:toc}"]:
            yield ""
        elif "{:" in line and len(line) <= _LONGEST_LINE:
            yield _ATTRIBUTES.sub(lambda found: found["code"] or "", line)
        else:
            yield line
