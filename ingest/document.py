"""What a reader makes of a file: sections of blocks, the same for every format."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import NamedTuple

from store.records import EVERYONE, Audience, Section


class BlockKind(Enum):
    """How a block may be cut when it is too long for a passage."""

    TEXT = auto()  # at the end of a sentence
    CODE = auto()  # at blank lines, each part with its fence
    TABLE = auto()  # between rows, each part with the header
    CONTAINER = auto()  # between children: lists, list items, quotes, admonitions


class Block(NamedTuple):
    """A block of a section, as written.

    `text` is relative to the block that contains it: without its indentation or quote marks.
    `head` and `tail` are what each part repeats when the block is cut: the lines of a fence, a
    table's header, an admonition's first and last line; `indentation` is put before each line
    between them. Lines are 1-based and inclusive.
    """

    kind: BlockKind
    text: str
    start_line: int
    end_line: int
    head: str = ""
    tail: str = ""
    indentation: str = ""
    children: tuple["Block", ...] = ()


@dataclass(frozen=True, slots=True)
class SectionContent:
    """A section and the blocks under its heading, in front of the next heading."""

    section: Section
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a file that the writer of the docs should know; it stops nothing."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: its title, its text and its sections.

    `text` is as `store.records.Page.text` wants it. `fields` are the plain ones of the front
    matter; `audience` is who may read the page; `lists_pages` says that it shows a table of
    contents, so that to have no text of its own is nothing odd.
    """

    title: str
    text: str
    sections: tuple[SectionContent, ...]
    notices: tuple[Notice, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    audience: Audience = EVERYONE
    lists_pages: bool = False


def named(document: Document, title: str) -> Document:
    """Return a document without a title of its own, under another one."""
    if document.fields.get("title") or any(part.section.level == 1 for part in document.sections):
        return document
    sections = tuple(
        replace(part, section=replace(part.section, heading_path=_renamed(part.section, title)))
        for part in document.sections
    )
    return replace(document, title=title, sections=sections)


def _renamed(section: Section, title: str) -> tuple[str, ...]:
    """Return a heading path under another title; a heading that is the title isn't named twice."""
    _, *headings = section.heading_path
    return (title, *headings[1:]) if headings[:1] == [title] else (title, *headings)
