"""Markdown: CommonMark, GitHub's tables, and the blocks that site generators add."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.anchors import Slugger
from ingest.document import Document, Notice, SectionContent
from ingest.notices import MADE
from ingest.readers.block_rules import quicken
from ingest.readers.blocks import build_blocks, token_groups, unindented
from ingest.readers.containers import containers_plugin
from ingest.readers.front_matter import split_front_matter
from ingest.readers.inline import Environment, HeadingText, autodoc_name, heading_text
from ingest.readers.jsx import jsx_plugin
from store.records import Section

_NEWLINE = re.compile(r"\r\n?")
# Only the block structure is wanted: leaving inline markup alone saves most of the time. The ends
# of lines are as it wants them already.
_PARSER = MarkdownIt("commonmark").enable("table").disable(["normalize", "inline", "text_join"])
containers_plugin(_PARSER)
jsx_plugin(_PARSER)
quicken(_PARSER)


def read_markdown(
    path: str, source: str, slugger: Slugger, *, title: str = "", nested_headings: bool = True
) -> Document:
    """Read a Markdown page; `path` names it in notices.

    `title` is for a page that has neither one in its front matter nor a heading of the first
    level; without it the title is made of `path`. Without `nested_headings` those in containers,
    lists and quotes have no anchor on the site.
    """
    if "\r" in source:
        source = _NEWLINE.sub("\n", source)
    source = source.replace("\0", "\ufffd")
    front_matter = split_front_matter(source)
    text = front_matter.text
    notices = [Notice(path, 1, front_matter.problem)] if front_matter.problem else []
    environment: Environment = {}
    tokens = _PARSER.parse(text, environment)
    headings = _headings(tokens, environment, slugger)
    lines = text.split("\n")
    groups = list(_outermost(tokens, lines) if nested_headings else token_groups(tokens))
    title = (
        front_matter.strings.get("title")
        or _first_heading(groups, headings)
        or title
        or _title_from_path(path)
    )
    builder = _SectionBuilder(path, title, lines, slugger, headings, nested=nested_headings)
    builder.reserve()
    for group in groups:
        builder.add(group)
    sections = tuple(builder.finish())
    return Document(
        title,
        text,
        sections,
        notices=(*notices, *builder.notices),
        fields=front_matter.strings,
        audience=front_matter.audience,
    )


# The headings' texts by the number of their line, counted from 0.
_Headings = dict[int, HeadingText]


def _headings(tokens: Sequence[Token], environment: Environment, slugger: Slugger) -> _Headings:
    """Return the headings' texts by the number of their line, nested ones among them."""
    return {
        token.map[0]: heading_text(following.content, environment, rules=slugger.rules)
        for token, following in pairwise(tokens)
        if token.type == "heading_open" and token.map is not None
    }


def _outermost(tokens: Sequence[Token], lines: list[str]) -> Iterator[Sequence[Token]]:
    """Yield the outermost tokens with all that is in them.

    A container that holds headings, such as a tab, is taken apart, so that they begin sections:
    its first line stays as text, and in `lines` its indentation is taken off.
    """
    for group in token_groups(tokens):
        opening = group[0]
        if opening.type != "container_open" or not _holds_headings(group):
            yield group
            continue
        start, end = opening.map or (0, 0)
        if opening.meta["indented"]:
            lines[start + 1 : end] = map(unindented, lines[start + 1 : end])
        yield [Token("paragraph", "p", 0, map=[start, start + 1])]
        yield from _outermost(group[1:-1], lines)


def _holds_headings(container: Sequence[Token]) -> bool:
    """Tell whether there are headings in a container, or in one that it holds."""
    inner = token_groups(container[1:-1])
    return any(
        group[0].type == "heading_open"
        or (group[0].type == "container_open" and _holds_headings(group))
        for group in inner
    )


class _SectionBuilder:
    """Collects the sections of a page in reading order."""

    def __init__(
        self,
        path: str,
        title: str,
        lines: Sequence[str],
        slugger: Slugger,
        headings: _Headings,
        *,
        nested: bool,
    ) -> None:
        self.notices: list[Notice] = []
        self._path = path
        self._title = title
        self._lines = lines
        self._slugger = slugger
        self._headings = headings
        self._nested = nested
        self._sections: list[SectionContent] = []
        self._open = Section(title, 0, "", 1, (title,))
        self._ancestors: list[Section] = []
        self._groups: list[Sequence[Token]] = []

    def reserve(self) -> None:
        """Keep the headings' explicit ids from the headings in front of them too."""
        seen: set[str] = set()
        for line, heading in self._headings.items():
            explicit_id = heading.explicit_id
            if explicit_id in seen:
                message = f"the id {explicit_id} is given twice; links reach its first heading"
                self.notices.append(Notice(self._path, line + 1, message))
            elif explicit_id:
                seen.add(explicit_id)
                self._slugger.reserve(explicit_id)

    def add(self, group: Sequence[Token]) -> None:
        """Add what is between two headings, or begin a section."""
        opening = group[0]
        if opening.type == "heading_open" and opening.map is not None:
            self._begin_section(opening, opening.map[0])
            return
        self._groups.append(group)
        for token in group:
            if token.type == "autodoc" and token.map is not None:
                self._leave_out(token.content, token.map[0])
            elif self._nested and token.type == "heading_open" and token.map is not None:
                # One in a list or a quote begins no section, and has an anchor all the same.
                self._anchor(self._headings[token.map[0]])

    def finish(self) -> list[SectionContent]:
        """Return the sections."""
        self._close_section()
        return self._sections

    def _begin_section(self, opening: Token, line: int) -> None:
        self._close_section()
        heading = self._headings[line]
        if reference := autodoc_name(self._lines[line].lstrip("# ")):
            self._leave_out(reference, line)
        level = int(opening.tag[1])
        anchor = self._anchor(heading, level)
        while self._ancestors and self._ancestors[-1].level >= level:
            self._ancestors.pop()
        parents = self._ancestors[-1].heading_path if self._ancestors else (self._title,)
        # The heading that is the page's title isn't named twice.
        is_title = not self._ancestors and heading.text == self._title
        heading_path = parents if is_title else (*parents, heading.text)
        self._open = Section(heading.text, level, anchor, line + 1, heading_path)
        self._ancestors.append(self._open)

    def _leave_out(self, reference: str, line: int) -> None:
        made = f"the reference of {reference} is {MADE}"
        self.notices.append(Notice(self._path, line + 1, made))

    def _anchor(self, heading: HeadingText, level: int = 0) -> str:
        anchor = heading.explicit_id or self._slugger.anchor(heading.slug_text)
        return "" if level == 1 and self._slugger.rules.bare_titles else anchor

    def _close_section(self) -> None:
        blocks = tuple(build_blocks(self._groups, self._lines))
        self._groups = []
        # The text in front of the first heading is a section only if there is any.
        if blocks or self._open.level:
            self._sections.append(SectionContent(self._open, blocks))


def _first_heading(groups: Sequence[Sequence[Token]], headings: _Headings) -> str:
    """Return the text of the first heading of the first level."""
    for group in groups:
        opening = group[0]
        if opening.type == "heading_open" and opening.tag == "h1" and opening.map is not None:
            return headings[opening.map[0]].text
    return ""


def _title_from_path(path: str) -> str:
    page = PurePosixPath(path)
    stem = page.parent.name if page.stem.lower() in {"index", "readme"} else page.stem
    words = re.sub(r"[-_]+", " ", stem or page.stem).strip()
    return words[:1].upper() + words[1:]
