"""Partial pages of MDX: `import Part from './_part.mdx'`, put in where `<Part />` stands."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.code_fences import open_fence
from ingest.document import Notice
from ingest.included_files import IncludedFiles, IncludeError
from ingest.included_parts import indented
from ingest.includes import DEEPEST_INCLUDE, Expanded

_IMPORT = re.compile(
    r"import[ \t]+(?P<name>[A-Z]\w*)(?:,[ \t]*\{[^{}]*\})?[ \t]+"
    r"from[ \t]+([\"'])(?P<file>[^\"'\n]+\.mdx?)\2[ \t]*;?[ \t]*"
)
_IMPORTS = re.compile(r"^import[ \t].*\.mdx?[\"']", re.MULTILINE)
# The end of an import, which is found faster than its beginning.
_NAMES = re.compile(r"\.mdx?[\"']")
_USE = re.compile(r"(?P<indentation>[ \t]*)<(?P<name>[A-Z]\w*)(?:\s[^<>]*)?(?:/>|></(?P=name)>)\s*")
_SITE = "@site/"


class MdxIncludes:
    """Puts the partial pages in that a page imports."""

    def __init__(self, files: IncludedFiles) -> None:
        self._files = files

    def expand(self, path: str, text: str) -> Expanded:
        """Put in what the page at `path` imports; what can't be found stays, with a notice."""
        expanded = Expanded(text)
        if not _NAMES.search(text) or not _IMPORTS.search(text):
            return expanded
        folder = self._files.folder_of(path)
        expanded.text = "\n".join(self._lines(text, folder, expanded, path, depth=0))
        return expanded

    def _lines(
        self, text: str, folder: Path, expanded: Expanded, path: str, *, depth: int
    ) -> Iterator[str]:
        imported: dict[str, str] = {}
        fence = ""
        for number, line in enumerate(text.split("\n"), start=1):
            behind = open_fence(line, fence)
            if fence or behind:
                fence = behind
            elif found := _IMPORT.fullmatch(line):
                imported[found["name"]] = found["file"].removeprefix(_SITE)
                if depth:
                    # In the midst of a page it would be read as text.
                    continue
            elif (use := _USE.fullmatch(line)) and use["name"] in imported:
                try:
                    part = self._part(imported[use["name"]], folder, expanded, path, depth=depth)
                    yield from indented(part, use["indentation"])
                except IncludeError as error:
                    expanded.notices.append(Notice(path, number, str(error)))
                else:
                    continue
            yield line

    def _part(
        self, name: str, folder: Path, expanded: Expanded, path: str, *, depth: int
    ) -> list[str]:
        """Return the lines of a partial page, apart from what is around them."""
        from ingest.readers.front_matter import split_front_matter  # noqa: PLC0415

        if depth >= DEEPEST_INCLUDE:
            raise IncludeError("files include each other, or too deeply")
        source, lines = self._files.read(name, folder)
        text = split_front_matter("\n".join(lines)).text.strip("\n")
        inner = "\n".join(self._lines(text, source.parent, expanded, path, depth=depth + 1))
        return ["", *_with_anchors(inner), ""]


def may_include_mdx(content: bytes) -> bool:
    """Tell cheaply whether a page may import a partial one."""
    return b"import " in content and any(
        end in content for end in (b".md'", b'.md"', b".mdx'", b'.mdx"')
    )


def _with_anchors(text: str) -> list[str]:
    """Write the headings' ids out: each part counts its own, and not the page's."""
    from ingest.anchors.docusaurus import docusaurus_slugger  # noqa: PLC0415
    from ingest.readers.markdown import read_markdown  # noqa: PLC0415

    lines = text.split("\n")
    for content in read_markdown("", text, docusaurus_slugger()).sections:
        section = content.section
        heading = lines[section.line - 1]
        if section.anchor and heading.lstrip().startswith("#") and "{#" not in heading:
            lines[section.line - 1] = f"{heading} {{#{section.anchor}}}"
    return lines
