"""Passages: the golden cases, under a small budget, and what holds for any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ingest.anchors.github import github_slugger
from ingest.budget import LIMIT_TOKENS
from ingest.chunking import Chunker
from ingest.document import Document
from ingest.indexed_text import indexed_texts
from ingest.readers.markdown import read_markdown
from store.embedders.cl100k import count_cl100k_tokens
from store.records import Passage
from tests.ingest.golden import count_words, golden_cases, passages_in_words

_MAX_TOKENS = 40
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def chunk(text: str, max_tokens: int = _MAX_TOKENS) -> list[Passage]:
    return _chunk(read_markdown("guide.md", text, github_slugger()), max_tokens)


def _chunk(document: Document, max_tokens: int) -> list[Passage]:
    chunker = Chunker(max_tokens=max_tokens, count=count_words)
    return chunker.passages("guide.md", "/docs/guide", document)


@pytest.mark.parametrize(("text", "expected"), golden_cases("chunking.md"))
def test_chunking(text: str, expected: str) -> None:
    assert passages_in_words(chunk(text)) == expected


def test_a_passage_knows_where_it_is_from() -> None:
    passage = chunk("---\ntitle: T\n---\n# Guide\n\n## Install it\n\nRun\nthis.\n")[0]
    assert passage.title == "T"
    assert passage.heading_path == ("T", "Guide", "Install it")
    assert passage.url == "/docs/guide#install-it"
    assert (passage.start_line, passage.end_line) == (8, 9)
    assert passage.tokens == count_cl100k_tokens("Run\nthis.")


def test_ids_are_the_same_in_every_run_and_differ_for_equal_texts() -> None:
    text = "# A\n\n" + "Same sentence here, again and again, and once more, and so on. " * 5
    first, second = chunk(text), chunk(text)
    assert [passage.id for passage in first] == [passage.id for passage in second]
    assert len({passage.id for passage in first}) == len(first) > 1


def test_an_edit_changes_the_ids_of_its_section_alone() -> None:
    before = chunk("# A\n\nOne.\n\n## B\n\nTwo.\n\n## C\n\nThree.\n")
    after = chunk("# A\n\nOne.\n\n## B\n\nTwo and a half.\n\nMore.\n\n## C\n\nThree.\n")
    assert before[0] == after[0]
    assert before[1].id != after[1].id
    assert before[2].id == after[2].id
    assert before[2].start_line != after[2].start_line


def test_another_heading_above_changes_the_id() -> None:
    # The headings are part of what is embedded, so the vector can't be kept.
    before, after = chunk("# A\n\n## B\n\nText."), chunk("# Z\n\n## B\n\nText.")
    assert before[0].id != after[0].id


_sentences = st.lists(
    st.sampled_from(
        ["alpha", "beta", "`x = 1`", "**bold**", "[link](u)", "end.", "中文字。", "e.g."]
    ),
    min_size=1,
    max_size=60,
).map(" ".join)
_code = st.lists(st.sampled_from(["x = f(1)", "", "  # comment", "y" * 90]), max_size=25).map(
    "\n".join
)
_fence = st.builds("```py\n{}\n```".format, _code)
_row = st.lists(st.sampled_from(["a", "b c", "`d`", "long " * 12]), min_size=2, max_size=2).map(
    lambda cells: f"| {' | '.join(cells)} |"
)
_table = st.lists(_row, max_size=9).map(lambda rows: "\n".join(["| h | i |", "|---|---|", *rows]))


def _item(text: str) -> str:
    return "- " + text.replace("\n", "\n  ")


def _quote(text: str) -> str:
    return "> " + text.replace("\n", "\n> ")


_term = st.sampled_from(["**A term**", "Do this:", "**Another**:"])
_leaf = _term | _sentences | _fence | _table
_block = st.recursive(
    _leaf,
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda blocks: st.sampled_from([_item("\n\n".join(blocks)), _quote("\n\n".join(blocks))])
    ),
    max_leaves=6,
)
_documents = st.lists(st.just("## Heading") | _block, max_size=8).map("\n\n".join)


@given(_documents)
def test_passages_are_within_the_budget_whole_and_complete(text: str) -> None:
    document = read_markdown("guide.md", text, github_slugger())
    passages = _chunk(document, _MAX_TOKENS)
    for passage in passages:
        assert_sound(passage)
    for content in document.sections:
        shown = "".join(p.text for p in passages if p.anchor == content.section.anchor)
        written = "".join(block.text for block in content.blocks)
        assert_in_order(letters(written), letters(shown))


@given(st.text(alphabet="#-=`~>|*_[](){}<!:\\ \t\n\r\0aé中1.", max_size=400))
def test_passages_of_any_text_are_within_the_budget(text: str) -> None:
    for passage in chunk("# Heading\n\n" + text):
        assert_sound(passage)


def test_one_endless_word_is_cut_to_the_budget() -> None:
    passages = chunk("# A\n\n" + "word-" * 1000, max_tokens=256)
    assert len(passages) > 1
    for passage in passages:
        assert_sound(passage, 256)


def assert_sound(passage: Passage, max_tokens: int = _MAX_TOKENS) -> None:
    assert passage.text.strip()
    assert passage.tokens == count_cl100k_tokens(passage.text) <= LIMIT_TOKENS
    assert count_words(indexed_texts(passage.heading_path, passage.text).embedded) <= max_tokens
    assert passage.start_line <= passage.end_line
    for token in _MARKDOWN.parse(passage.text):
        if token.type == "fence" and token.map is not None:
            last = passage.text.split("\n")[token.map[1] - 1]
            assert last.strip(" >").startswith(token.markup), passage.text


def letters(text: str) -> str:
    return "".join(re.findall(r"\w", text))


def assert_in_order(part: str, whole: str) -> None:
    """Assert that `whole` has the characters of `part` in order, with others between them."""
    remaining = iter(whole)
    assert all(character in remaining for character in part), (part, whole)
