"""MyST, Sphinx' Markdown: directives become containers or code, roles their text."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace

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


def _resolve(lines: list[str], directives: dict[str, int]) -> Iterator[str]:
    """Yield the lines as Markdown; `directives` gets the line where each is first used."""
    # The open blocks, innermost last: the mark that closes one, and what to write for it.
    opened: list[tuple[str, str]] = []
    in_options = silent = code = False
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if opened and stripped == opened[-1][0]:
            closing = opened.pop()[1]
            in_options = code = False
            yield "" if silent else f"{line[: len(line) - len(line.lstrip())]}{closing}"
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
            is_version = name in names.VERSIONS
            opened.append((mark, mark if code else "" if is_version else ":::"))
            if silent:
                yield ""
            elif is_version:
                yield _version_line(opening)
            else:
                yield _opening_line(opening, code=code)
        else:
            in_options = False
            yield "" if _is_silent(line) else _without_roles(line)


def _opening_line(opening: re.Match[str], *, code: bool) -> str:
    indentation, mark, name, argument = opening.group("indentation", "mark", "name", "argument")
    if not code:
        return f"{indentation}:::{name} {_without_roles(argument)}".rstrip()
    return f"{indentation}{mark}{argument}"


def _version_line(opening: re.Match[str]) -> str:
    """Write what the site shows instead of the directive; its content follows at once."""
    indentation, name, argument = opening.group("indentation", "name", "argument")
    version, _, text = argument.strip().partition(" ")
    said = f"**{names.VERSIONS[name]} {version}:** {_without_roles(text)}" if version else ""
    return f"{indentation}{said}".rstrip()


def _without_roles(line: str) -> str:
    return _ROLE.sub("", _TITLED_ROLE.sub(r"\1", line))


def _is_silent(line: str) -> bool:
    return bool(_TARGET.fullmatch(line) or _COMMENT.fullmatch(line))
