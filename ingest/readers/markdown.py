"""Markdown: CommonMark, GitHub's tables, and the blocks that site generators add."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.anchors import Slugger
from ingest.document import Document, Notice, SectionContent
from ingest.readers.blocks import build_blocks, token_groups
from ingest.readers.containers import containers_plugin
from ingest.readers.front_matter import split_front_matter
from ingest.readers.inline import heading_text
from ingest.readers.jsx import jsx_plugin
from store.records import Section

_NEWLINE = re.compile(r"\r\n?")
# Only the block structure is wanted: leaving inline markup alone saves most of the time.
_PARSER = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
containers_plugin(_PARSER)
jsx_plugin(_PARSER)


def read_markdown(path: str, source: str, slugger: Slugger) -> Document:
    """Read a Markdown page; `path` names it in notices and, without a heading, in its title."""
    source = _NEWLINE.sub("\n", source).replace("\0", "\ufffd")
    front_matter = split_front_matter(source)
    text = front_matter.text
    notices = [Notice(path, 1, front_matter.problem)] if front_matter.problem else []
    groups = list(token_groups(_PARSER.parse(text)))
    lines = text.split("\n")
    title = front_matter.strings.get("title") or _first_heading(groups) or _title_from_path(path)
    builder = _SectionBuilder(path, title, lines, slugger)
    for group in groups:
        builder.reserve(group)
    for group in groups:
        builder.add(group)
    sections = tuple(builder.finish())
    return Document(
        title,
        text,
        sections,
        (*notices, *builder.notices),
        front_matter.strings,
        front_matter.audience,
    )


class _SectionBuilder:
    """Collects the sections of a page in reading order."""

    def __init__(self, path: str, title: str, lines: Sequence[str], slugger: Slugger) -> None:
        self.notices: list[Notice] = []
        self._path = path
        self._title = title
        self._lines = lines
        self._slugger = slugger
        self._explicit_ids: set[str] = set()
        self._sections: list[SectionContent] = []
        self._open = Section(title, 0, "", 1, (title,))
        self._ancestors: list[Section] = []
        self._tokens: list[Token] = []

    def reserve(self, group: Sequence[Token]) -> None:
        """Keep a heading's explicit id from the headings in front of it too."""
        if group[0].type == "heading_open":
            explicit_id = heading_text(group[1].content).explicit_id
            if explicit_id in self._explicit_ids and group[0].map:
                message = f"the id {explicit_id} is given twice; links reach its first heading"
                self.notices.append(Notice(self._path, group[0].map[0] + 1, message))
            elif explicit_id:
                self._explicit_ids.add(explicit_id)
                self._slugger.reserve(explicit_id)

    def add(self, group: Sequence[Token]) -> None:
        heading = group[0]
        if heading.type == "autodoc" and heading.map is not None:
            message = f"the reference of {heading.content} is made when the site is built; left out"
            self.notices.append(Notice(self._path, heading.map[0] + 1, message))
        if heading.type != "heading_open" or heading.map is None:
            self._tokens.extend(group)
            return
        self._close_section()
        text, explicit_id = heading_text(group[1].content)
        anchor = explicit_id or self._slugger.anchor(text)
        level = int(heading.tag[1])
        while self._ancestors and self._ancestors[-1].level >= level:
            self._ancestors.pop()
        parents = self._ancestors[-1].heading_path if self._ancestors else (self._title,)
        # The heading that is the page's title isn't named twice.
        is_title = not self._ancestors and text == self._title
        heading_path = parents if is_title else (*parents, text)
        self._open = Section(text, level, anchor, heading.map[0] + 1, heading_path)
        self._ancestors.append(self._open)

    def finish(self) -> list[SectionContent]:
        self._close_section()
        return self._sections

    def _close_section(self) -> None:
        blocks = tuple(build_blocks(self._tokens, self._lines))
        self._tokens = []
        # The text in front of the first heading is a section only if there is any.
        if blocks or self._open.level:
            self._sections.append(SectionContent(self._open, blocks))


def _first_heading(groups: Sequence[Sequence[Token]]) -> str:
    """Return the text of the first heading of the first level."""
    for group in groups:
        if group[0].type == "heading_open" and group[0].tag == "h1":
            return heading_text(group[1].content).text
    return ""


def _title_from_path(path: str) -> str:
    page = PurePosixPath(path)
    stem = page.parent.name if page.stem.lower() in {"index", "readme"} else page.stem
    words = re.sub(r"[-_]+", " ", stem or page.stem).strip()
    return words[:1].upper() + words[1:]
