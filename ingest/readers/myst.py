"""MyST, Sphinx' Markdown: directives become containers or code, roles their text."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from ingest.anchors import Slugger
from ingest.anchors.docutils import DocutilsSlugger, docutils_id
from ingest.document import Document, Notice
from ingest.readers import directive_names as names
from ingest.readers.inline import heading_text
from ingest.readers.markdown import read_markdown

_OPENING = re.compile(
    r"(?P<indentation>[ \t]*)(?P<mark>(?P<ticks>`{3,})|~{3,}|:{3,})(?:\{(?P<name>[\w:.+-]+)\})?"
    r"[ \t]*(?P<argument>(?(ticks)[^`]*|.*))"
)
_OPTION = re.compile(r"[ \t]*:[\w-]+:.*")
_ALTERNATIVE = re.compile(r"[ \t]*:alt:[ \t]*(.*?)[ \t]*")
_TARGET = re.compile(r"[ \t]*\([\w.:-]+\)=[ \t]*")
_ROLE = re.compile(r"\{[a-zA-Z][\w:+.-]*\}(?=`[^`])")
# `{ref}`Text <target>`` shows its text.
_TITLED_ROLE = re.compile(r"\{[a-zA-Z][\w:+.-]*\}`([^`<>]*[^`<>\s])\s*<[^`<>]*>`")
# Comments, the ends of cells, and attributes of the block that follows.
_COMMENT = re.compile(r"[ \t]*(?:%.*|\+\+\+.*|\{[.#][^{}]*\})")
_CODE = names.CODE | {"literalinclude", "eval-rst"}
# A label in front of the title that it is called after.
_LABELLED = re.compile(
    r"^\((?P<label>[\w.:-]+)\)=[ \t]*\n+#{1,6}[ \t]+(?P<title>[^\n]+)", re.MULTILINE
)
_EMBEDDED = re.compile(
    r"^(?P<indentation>[ \t]*)(?P<mark>`{3,}|~{3,}|:{3,})\{eval-rst\}[ \t]*\n"
    r"(?P<rst>(?:(?!.*\{eval-rst\}).*\n)*?)[ \t]*(?P=mark)[ \t]*$",
    re.MULTILINE,
)


def read_myst(path: str, source: str, slugger: Slugger) -> Document:
    """Read a MyST page; lines stay where they are."""
    directives: dict[str, int] = {}
    embedded: list[Notice] = []
    if "{eval-rst}" in source:
        source = _EMBEDDED.sub(lambda block: _as_markdown(path, block, embedded), source)
    if isinstance(slugger, DocutilsSlugger):
        slugger.expect_labels(_own_labels(source))
    text = "\n".join(_resolve(source.split("\n"), directives))
    document = read_markdown(path, text, slugger, nested_headings=False)
    notices = (
        Notice(path, line, names.unknown_directive(name))
        for name, line in directives.items()
        if not names.is_known(name)
    )
    return replace(
        document,
        notices=(*embedded, *notices, *document.notices),
        lists_pages="toctree" in directives,
    )


def _own_labels(source: str) -> Iterator[str]:
    """Yield the ids of titles that stand under a label of the same name."""
    for labelled in _LABELLED.finditer(source):
        anchor = docutils_id(labelled["label"])
        if anchor == docutils_id(heading_text(labelled["title"]).text):
            yield anchor


def _as_markdown(path: str, block: re.Match[str], notices: list[Notice]) -> str:
    """Write a block of RST as Markdown, on as many lines at least."""
    # Few pages hold any, and docutils takes long to load.
    from ingest.readers.rst import embedded_rst  # noqa: PLC0415

    line = block.string.count("\n", 0, block.start()) + 1
    text, told = embedded_rst(path, textwrap.dedent(block["rst"]))
    notices += (replace(notice, line=line + notice.line) for notice in told)
    missing = block[0].count("\n") - text.count("\n")
    return textwrap.indent(text, block["indentation"]) + "\n" * max(0, missing)


class _Shown(NamedTuple):
    """What is written for a directive's first line, and for its last."""

    opening: str
    closing: str


def _resolve(lines: list[str], directives: dict[str, int]) -> Iterator[str]:
    """Yield the lines as Markdown; `directives` gets the line where each is first used."""
    # The open blocks, innermost last: the mark that closes one, its name, and what to write then.
    opened: list[tuple[str, str, str]] = []
    in_options = silent = code = False
    for number, line in enumerate(lines, start=1):
        indentation = line[: len(line) - len(line.lstrip())]
        if opened and line.strip() == opened[-1][0]:
            closing = opened.pop()[2]
            in_options = code = False
            yield f"{indentation}{closing}" if closing and not silent else ""
            silent = False
        elif silent or (in_options and _OPTION.fullmatch(line)):
            yield ""
        elif code:
            in_options = False
            yield line
        elif (opening := _OPENING.fullmatch(line)) and (
            opening["name"] or opening["mark"][0] != ":"
        ):
            name, mark = opening["name"] or "", opening["mark"]
            silent = name in names.SILENT
            code = not name or name in _CODE
            in_options = bool(name)
            if name:
                directives.setdefault(name, number)
            shown = _shown(name, mark, opening["argument"].strip(), lines[number:])
            opened.append((mark, name, shown.closing))
            yield "" if silent or not shown.opening else f"{indentation}{shown.opening}"
        else:
            in_options = False
            text = "" if _is_silent(line) else _without_roles(line)
            yield _of_glossary(text) if opened and opened[-1][1] == "glossary" else text


def _shown(name: str, mark: str, argument: str, following: list[str]) -> _Shown:
    """Return what the site shows of a directive; `following` begins with its options."""
    text = _without_roles(argument)
    if not name or name in _CODE:
        return _Shown(f"{mark}{argument}", mark)
    if name in names.VERSIONS:
        version, _, rest = text.partition(" ")
        return _Shown(f"**{names.VERSIONS[name]} {version}:** {rest}".strip() if text else "", "")
    if name in names.TRANSPARENT:
        return _Shown("" if name in names.SELECTING else text, "")
    match name:
        case "image" | "figure":
            return _Shown(f"![{_alternative(following)}]({argument})", "")
        case "math":
            return _Shown("$$", "$$")
        case "rubric":
            return _Shown(f"**{text}**", "")
        case _:
            return _Shown(f":::{name} {text}".rstrip(), ":::")


def _of_glossary(line: str) -> str:
    """Write a term, or a line of what is said of it, as that of a list."""
    is_term = line[:1].strip()
    return f"- **{line}**" if is_term else f"  {line.strip()}" if line.strip() else ""


def _alternative(lines: list[str]) -> str:
    """Return the text that stands for an image, of the options that `lines` begin with."""
    options = takewhile(_OPTION.fullmatch, lines)
    return next((found[1] for line in options if (found := _ALTERNATIVE.fullmatch(line))), "")


def _without_roles(line: str) -> str:
    return _ROLE.sub("", _TITLED_ROLE.sub(r"\1", line))


def _is_silent(line: str) -> bool:
    return bool(_TARGET.fullmatch(line) or _COMMENT.fullmatch(line))
