"""Golden cases as Markdown files: a title, and between lines of a single dot input and output."""

import re
from pathlib import Path

import pytest
from markdown_it.utils import read_fixture_file

from ingest.document import Block, Document
from store.records import Passage

FIXTURES = Path(__file__).parent / "fixtures"


def count_words(text: str) -> int:
    """Count as an embedder does: words and punctuation, and two special tokens."""
    return len(re.findall(r"\w+|[^\w\s]", text)) + 2


def golden_cases(name: str) -> list[object]:
    """Return the cases of a fixture file as pytest parameters: input and expected output."""
    return [
        pytest.param(text, expected, id=title)
        for _, title, text, expected in read_fixture_file(FIXTURES / name)
    ]


def outline(document: Document) -> str:
    """Write a document's structure down, one line a section, block or notice."""
    lines = [f"title: {document.title}"]
    lines += [f"notice {notice.line}: {notice.message}" for notice in document.notices]
    for content in document.sections:
        section = content.section
        path = " > ".join(section.heading_path)
        lines.append(f"h{section.level} #{section.anchor} line {section.line}: {path}")
        lines += (line for block in content.blocks for line in _block_lines(block, "  "))
    return "\n".join(lines) + "\n"


def _block_lines(block: Block, indentation: str) -> list[str]:
    first, *others = block.text.split("\n")
    more = f" +{len(others)}" if others else ""
    repeats = f" head={block.head!r} tail={block.tail!r}" if block.head else ""
    where = f"{block.start_line}-{block.end_line}"
    own = f"{indentation}{block.kind.name.lower()} {where}{repeats}: {first}{more}"
    nested = [line for child in block.children for line in _block_lines(child, f"{indentation}  ")]
    return [own, *nested]


def passages_in_words(passages: list[Passage]) -> str:
    """Write passages down, each under a line with its lines, and anchor."""
    return "\n".join(
        f"--- {passage.start_line}-{passage.end_line} #{passage.anchor}\n{passage.text}\n"
        for passage in passages
    )


def built_headings(generator: str) -> tuple[str, list[str]]:
    """Return a page of headings, and the ids that the generator itself gave them."""
    text = (FIXTURES / "headings" / f"{generator}.md").read_text(encoding="utf-8")
    return text, re.findall(r"^<!-- (.*) -->$", text, re.MULTILINE)
