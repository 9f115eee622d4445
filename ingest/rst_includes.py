"""`include` and `literalinclude` of reStructuredText, put in before docutils sees the page."""

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ingest.document import Notice
from ingest.included_files import IncludedFiles, IncludeError
from ingest.included_parts import chosen_lines, language_of
from ingest.includes import DEEPEST_INCLUDE, Expanded

_DIRECTIVE = re.compile(
    r"(?P<indentation>[ \t]*)\.\. (?P<name>literalinclude|include)::[ \t]+(?P<file>\S.*)"
)
# What opens a literal block, in which an include is an example.
_LITERAL = re.compile(
    r"[ \t]*\.\. (?:code-block|code|sourcecode|parsed-literal|highlight)::.*"
    r"|(?![ \t]*\.\. [\w:-]+::).*::[ \t]*"
)
_OPTION = re.compile(r"[ \t]+:(?P<name>[\w-]+):[ \t]*(?P<value>.*)")
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def may_include_rst(content: bytes) -> bool:
    """Tell cheaply whether a page may include anything."""
    return b"include::" in content


class RstIncludes:
    """Resolves the includes of one docs folder's pages, within the same bounds as `Includes`."""

    def __init__(self, files: IncludedFiles) -> None:
        self._files = files

    def expand(self, path: str, text: str) -> Expanded:
        """Put in what the page at `path` includes; what can't be is left out, with a notice."""
        page = _Page(self._files, path)
        lines = page.expand(text.split("\n"), self._files.folder_of(path), depth=0)
        return Expanded("\n".join(lines), page.notices)


class _Page:
    """One page that is being put together."""

    def __init__(self, files: IncludedFiles, path: str) -> None:
        self._files = files
        self._path = path
        self.notices: list[Notice] = []

    def expand(self, lines: list[str], folder: Path, *, depth: int) -> Iterator[str]:
        number = literal_end = 0
        while number < len(lines):
            if number >= literal_end and _LITERAL.fullmatch(lines[number]):
                literal_end = _end_of_literal(lines, number)
            directive = _DIRECTIVE.fullmatch(lines[number]) if number >= literal_end else None
            number += 1
            if directive is None:
                yield lines[number - 1]
                continue
            start = number
            options: dict[str, str] = {}
            while number < len(lines) and (option := _OPTION.fullmatch(lines[number])):
                options[option["name"]] = option["value"].strip()
                number += 1
            if depth >= DEEPEST_INCLUDE:
                self._notice(start, "files include each other, or too deeply")
                continue
            try:
                source, content = self._files.read(directive["file"].strip(), folder)
                content = chosen_part(content, options)
            except IncludeError as error:
                self._notice(start, str(error))
                continue
            included: Iterable[str]
            if directive["name"] == "include" and not options.keys() & {"literal", "code"}:
                included = self.expand(content, source.parent, depth=depth + 1)
            else:
                included = _code_block(source, content, options)
            yield from textwrap.indent("\n".join(included), directive["indentation"]).split("\n")

    def _notice(self, line: int, message: str) -> None:
        self.notices.append(Notice(self._path, line, message))


def _end_of_literal(lines: list[str], opening: int) -> int:
    """Return the line behind the literal block that a line opens: what is indented under it."""
    deepest = None
    for number in range(opening + 1, len(lines)):
        text = lines[number].expandtabs()
        if not text.strip():
            continue
        indentation = len(text) - len(text.lstrip())
        if deepest is None:
            deepest = indentation
            outer = lines[opening].expandtabs()
            if indentation <= len(outer) - len(outer.lstrip()):
                return number
        if indentation < deepest:
            return number
    return len(lines)


def _code_block(source: Path, content: list[str], options: Mapping[str, str]) -> list[str]:
    language = options.get("language") or options.get("code") or language_of(source) or "text"
    code = textwrap.indent(textwrap.dedent("\n".join(content)), "   ")
    return [f".. code-block:: {language}", "", *code.split("\n"), ""]


def chosen_part(lines: list[str], options: Mapping[str, str]) -> list[str]:
    """Return what a directive's options choose of a file; raises `IncludeError`."""
    if name := options.get("pyobject"):
        lines = _python_object(lines, name)
    if choice := options.get("lines"):
        lines = chosen_lines(lines, choice.replace(" ", ""))
    for option, keeps_mark in (("start-after", False), ("start-at", True)):
        if mark := options.get(option):
            lines = lines[_line_with(lines, mark) + (not keeps_mark) :]
    for option, keeps_mark in (("end-before", False), ("end-at", True)):
        if mark := options.get(option):
            lines = lines[: _line_with(lines, mark) + keeps_mark]
    return lines


def _line_with(lines: list[str], mark: str) -> int:
    for number, line in enumerate(lines):
        if mark in line:
            return number
    raise IncludeError(f"there is no line with {mark!r}; not included")


def _python_object(lines: list[str], name: str) -> list[str]:
    try:
        body = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise IncludeError(f"not Python, so {name} can't be found in it") from error
    definitions: list[_Definition] = []
    for part in name.split("."):
        definitions = [node for node in body if isinstance(node, _Definition) and node.name == part]
        if not definitions:
            raise IncludeError(f"there is no {name}; not included")
        body = definitions[0].body
    found = definitions[0]
    first = min([found.lineno, *(decorator.lineno for decorator in found.decorator_list)])
    return lines[first - 1 : found.end_lineno]
