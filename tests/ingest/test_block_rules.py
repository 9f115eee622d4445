"""Asking fewer rules makes no difference to the blocks that are found."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ingest.readers.block_rules import quicken
from ingest.readers.containers import containers_plugin
from ingest.readers.jsx import jsx_plugin

LINES = st.sampled_from(
    """Words|import x from "y"|export const a = 1|- item|* item|+|-|1. one|10) ten|# Title|###|===
=|---|- - -|***|> quote|>|```py|```|~~~|\tcode|[a]: /b|[a](b)|<div>|</div>|<!-- note|-->|<Tabs>
</Tabs>|{/* note */}|:::note|:::|::: package.module|/// tab|///|!!! note|??? note|=== "Tab"
a \x00 b|:-- \x00 --:""".replace("\n", "|").split("|")
).map(lambda line: line.replace("\x00", "|"))
INDENTATIONS = st.sampled_from(
    ["", "", "", " ", "  ", "   ", "    ", "      ", "> ", "- ", "\t", " \t"]
)
BLOCK = st.lists(st.tuples(INDENTATIONS, LINES).map("".join) | st.just(""), max_size=14)


def parser() -> MarkdownIt:
    made = MarkdownIt("commonmark").enable("table").disable("inline")
    containers_plugin(made)
    jsx_plugin(made)
    return made


ASKS_EVERY_RULE = parser()
ASKS_FEW_RULES = parser()
quicken(ASKS_FEW_RULES)


def blocks(parser: MarkdownIt, text: str) -> Iterator[tuple[str, int, list[int] | None]]:
    inside = False
    for token in parser.parse(text):
        if token.type == "paragraph_open":
            yield "paragraph", token.level, token.map
        elif token.type != "paragraph_close" and not inside:
            yield token.type, token.level, token.map
        inside = token.type == "paragraph_open"


@given(BLOCK.map("\n".join))
def test_the_blocks_are_those_of_all_rules(text: str) -> None:
    assert list(blocks(ASKS_FEW_RULES, text)) == list(blocks(ASKS_EVERY_RULE, text))
