"""MyST, Sphinx' Markdown: directives become containers or code, roles their text."""

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.anchors import Slugger
from ingest.document import Document, Notice
from ingest.readers import directive_names as names
from ingest.readers.markdown import read_markdown

_OPENING = re.compile(
    r"(?P<indentation>[ \t]*)(?P<mark>`{3,}|~{3,}|:{3,})(?:\{(?P<name>[\w:.+-]+)\})?"
    r"[ \t]*(?P<argument>[^`]*)"
)
_OPTION = re.compile(r"[ \t]*:[\w-]+:.*")
_TARGET = re.compile(r"[ \t]*\([\w.:-]+\)=[ \t]*")
_ROLE = re.compile(r"\{[a-zA-Z][\w:+.-]*\}(?=`[^`])")
# `{ref}`Text <target>`` shows its text.
_TITLED_ROLE = re.compile(r"\{[a-zA-Z][\w:+.-]*\}`([^`<>]*[^`<>\s])\s*<[^`<>]*>`")
# Comments, the ends of cells, and attributes of the block that follows.
_COMMENT = re.compile(r"[ \t]*(?:%.*|\+\+\+.*|\{[.#][^{}]*\})")
_CODE = names.CODE | {"literalinclude", "eval-rst"}


def read_myst(path: str, source: str, slugger: Slugger) -> Document:
    """Read a MyST page; lines stay where they are."""
    directives: dict[str, int] = {}
    text = "\n".join(_resolve(source.split("\n"), directives))
    document = read_markdown(path, text, slugger, nested_headings=False)
    notices = (
        Notice(path, line, names.unknown_directive(name))
        for name, line in directives.items()
        if not names.is_known(name)
    )
    return replace(
        document, notices=(*notices, *document.notices), lists_pages="toctree" in directives
    )


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
            opened.append((mark, mark if code else ":::"))
            yield "" if silent else _opening_line(opening, code=code)
        else:
            in_options = False
            yield "" if _is_silent(line) else _ROLE.sub("", _TITLED_ROLE.sub(r"\1", line))


def _opening_line(opening: re.Match[str], *, code: bool) -> str:
    indentation, mark, name, argument = opening.group("indentation", "mark", "name", "argument")
    if not code:
        return f"{indentation}:::{name} {argument}".rstrip()
    return f"{indentation}{mark}{argument if name != 'eval-rst' else 'rst'}"


def _is_silent(line: str) -> bool:
    return bool(_TARGET.fullmatch(line) or _COMMENT.fullmatch(line))
