"""MyST, Sphinx' Markdown: directives become containers or code, roles their text."""

import re
from collections.abc import Iterator

from ingest.anchors import Slugger
from ingest.document import Document
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
_CODE = frozenset(
    {"code", "code-block", "code-cell", "sourcecode", "literalinclude", "doctest", "prompt"}
)
_SILENT = frozenset(
    {
        "toctree",
        "contents",
        "index",
        "tableofcontents",
        "bibliography",
        "raw",
        "mermaid",
        "graphviz",
    }
)


def read_myst(path: str, source: str, slugger: Slugger) -> Document:
    """Read a MyST page; lines stay where they are."""
    text = "\n".join(_resolve(source.split("\n")))
    return read_markdown(path, text, slugger, nested_headings=False)


def _resolve(lines: list[str]) -> Iterator[str]:
    # The open blocks, innermost last: the mark that closes one, and what to write for it.
    opened: list[tuple[str, str]] = []
    in_options = silent = code = False
    for line in lines:
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
            silent = name in _SILENT
            code = not name or name in _CODE or name == "eval-rst"
            in_options = bool(name)
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
