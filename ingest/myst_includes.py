"""`include` and `literalinclude` of MyST, put in before the page is read."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.document import Notice
from ingest.included_files import IncludedFiles, IncludeError
from ingest.included_parts import fenced, indented
from ingest.includes import DEEPEST_INCLUDE, Expanded
from ingest.rst_includes import chosen_part

_DIRECTIVE = re.compile(
    r"(?P<indentation>[ \t]*)(?P<mark>`{3,}|~{3,}|:{3,})\{(?P<name>include|literalinclude)\}"
    r"[ \t]+(?P<file>\S.*?)[ \t]*"
)
_OPTION = re.compile(r"[ \t]*:(?P<name>[\w-]+):[ \t]*(?P<value>.*)")
# A code block, in which a directive is an example; directives themselves have a name in braces.
_FENCE = re.compile(r"[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<name>\{)?[^`]*")


def may_include_myst(content: bytes) -> bool:
    """Tell cheaply whether a page may include anything."""
    return b"include}" in content


class MystIncludes:
    """Resolves the includes of one docs folder's pages, within the same bounds as `Includes`."""

    def __init__(self, files: IncludedFiles) -> None:
        self._files = files

    def expand(self, path: str, text: str) -> Expanded:
        """Put in what the page at `path` includes; what can't be is left out, with a notice."""
        expanded = Expanded("")
        lines = self._lines(text.split("\n"), self._files.folder_of(path), expanded, path, 0)
        expanded.text = "\n".join(lines)
        return expanded

    def _lines(
        self, lines: list[str], folder: Path, expanded: Expanded, path: str, depth: int
    ) -> Iterator[str]:
        number = 0
        # The open fences, innermost last: their marks, and whether they are of code.
        opened: list[tuple[str, bool]] = []
        while number < len(lines):
            line = lines[number]
            number += 1
            in_code = bool(opened) and opened[-1][1]
            directive = None if in_code else _DIRECTIVE.fullmatch(line)
            if directive is None:
                if opened and line.strip() == opened[-1][0]:
                    opened.pop()
                elif not in_code and (opening := _FENCE.fullmatch(line)):
                    opened.append((opening["mark"], not opening["name"]))
                yield line
                continue
            start = number
            options: dict[str, str] = {}
            while number < len(lines) and lines[number].strip() != directive["mark"]:
                if option := _OPTION.fullmatch(lines[number]):
                    options[option["name"]] = _unquoted(option["value"].strip())
                number += 1
            number += 1
            if depth >= DEEPEST_INCLUDE:
                message = "files include each other, or too deeply"
                expanded.notices.append(Notice(path, start, message))
                continue
            try:
                source, content = self._files.read(directive["file"], folder)
                content = chosen_part(content, options)
            except IncludeError as error:
                expanded.notices.append(Notice(path, start, str(error)))
                continue
            if directive["name"] == "include" and not options.keys() & {"literal", "code"}:
                included = list(self._lines(content, source.parent, expanded, path, depth + 1))
            else:
                language = options.get("language") or options.get("lang") or options.get("code")
                included = fenced(source, content, language or "")
            yield from indented(included, directive["indentation"])


def _unquoted(value: str) -> str:
    """Take the quotes off that YAML takes off."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value
