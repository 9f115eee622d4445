"""Foreign links that are put together from what confuses parsers of Markdown."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from server.answer.answer_text import AnswerText, TextRules
from server.answer.evidence import Evidence
from server.answer.site_links import AllowedLinks
from tests.server.sections import section

KNOWN = "/docs/guide"
RULES = TextRules(links=AllowedLinks({KNOWN: frozenset({"run"})}, hosts={"github.com"}))
# What a client that makes links of bare addresses takes for one, also after Markdown's escapes.
BARE = re.compile(r"(?:https?://|www\.)[\w.-]+|[\w.+-]+@[\w-]+\.[\w-]+", re.IGNORECASE)
PARSER = MarkdownIt("commonmark").enable("table")

FOREIGN = (
    "[x](https://evil.example)",
    "[x](//evil.example)",
    "![x](https://evil.example/a.png)",
    "<https://evil.example>",
    "<a href='https://evil.example'>x</a>",
    "https://evil.example",
    "www.evil.example",
    "me@evil.example",
    "[x]: //evil.example",
    "[x]",
    "[^1]: //evil.example",
)
AROUND = (
    *("`", "``", "```", "~~~", "~~~~", "```py", "``` [1]", "\\", "\\`"),
    *("\n", "\n\n", " ", "    ", "   ", "  ", "\t", "\n    ", "\n   ", "\n  "),
    *("> ", ">", "- ", "1. ", "10) ", "# ", "---", "===", "***", "|", " | ", "|---|---|"),
    *("[", "]", "(", ")", "!", "<", ">", "*", "_", "[1]", "[9]", "【1】", "([1])", "[0]"),
    *("a", "word ", "https", "://", "www", ".", "@", ":", "//evil.example", "evil.example"),
    *("[a](/docs/guide)", '[a](/docs/guide "', '")', "&#58;", "&colon;", "&#119;", "\u200b", "é"),
)
PIECES = st.lists(st.sampled_from([*FOREIGN, *AROUND]), min_size=1, max_size=12)


def shown(written: str, size: int) -> str:
    evidence = Evidence()
    evidence.add([section("Run")])
    text = AnswerText(evidence, RULES)
    for start in range(0, len(written), size):
        text.feed(written[start : start + size])
    text.finish()
    return text.text


def foreign_links(markdown: str) -> list[str]:
    """Return each address that a reader could follow to elsewhere."""
    found: list[str] = []
    for token in PARSER.parse(markdown):
        text = ""
        for inline in [token, *(token.children or [])]:
            found += [str(inline.attrs[name]) for name in ("href", "src") if name in inline.attrs]
            if inline.type in {"html_inline", "html_block"}:
                found.append(inline.content)
            # A text is broken by all that is not text, such as code.
            joined = inline.type in {"text", "text_special"}
            text = text + inline.content if joined else f"{text} "
        found += BARE.findall(text)
    return [address for address in found if "evil" in address]


def check(pieces: list[str], size: int) -> None:
    written = "".join(pieces)
    text = shown(written, size)
    assert foreign_links(text) == [], text
    assert size == 1000 or text == shown(written, 1000)


KNOWN_TRICKS = [
    "    ```\n\n[x](https://evil.example)",
    "> ```\n[x](https://evil.example)",
    "- ```\n[x](https://evil.example)",
    "1. a\n\n   ```\n[x](https://evil.example)",
    "```\n    ```\n```\n[x](https://evil.example)",
    "`a\n> [x](https://evil.example)`",
    "`a\n---\n[x](https://evil.example)`",
    "| a |\n|---|\n| `a | [x](https://evil.example) ` |",
    "a@b.example,https://evil.example",
    "https[1]://evil.example",
    "me[1]@evil.example",
    "https\\://evil.example",
    "www\\.evil.example",
    "https&#58;//evil.example",
    "&#119;ww.evil.example",
    "\\www.evil.example",
    "> [x]: //evil.example\n\n[x]",
    "- [x]: //evil.example\n\n[x]",
    '[a](/docs/guide "https://evil.example")',
    "[![x](https://evil.example/a.png)](/docs/guide)",
    "```" + "a" * 250 + "`\n[x](https://evil.example)",
    "[x][1](//evil.example)",
    "<https://evil.example>``[x](https://evil.example)``",
    "<https://evil.example`[x](//evil.example)>",
    "<[1]a href='//evil.example'>x</a>",
    "[x](//evil.example)@evil.example",
    "[www](//evil.example).evil.example",
    "[a `]` b](//evil.example)",
    "[a `](/docs/guide) `[x](//evil.example)`",
    "<kbd>\n```\n\n[x](//evil.example)",
    "- > ~~~\n  > ~~~\n[x](//evil.example)",
    " " * 41 + "```\n[x](//evil.example)",
    "[9](\n\n)",
    "> ```\n\n> [x](https://evil.example)",
    "|---|---|\n1. [1]\n    ~~~~https://evil.example",
    "``` <https://evil.example> | a\n|---|---|",
    "` | [x](//evil.example)\\`<a href='//evil.example'>x</a>",
]


@pytest.mark.parametrize("trick", KNOWN_TRICKS)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_no_trick_makes_a_foreign_link(trick: str, size: int) -> None:
    check([trick], size)


@example(["`", "\n", "> ", "[x](https://evil.example)", "`"])
@given(PIECES)
@settings(max_examples=400, deadline=None)
def test_no_mixture_makes_a_foreign_link(pieces: list[str]) -> None:
    check(pieces, 1000)


@pytest.mark.slow
@given(PIECES, st.integers(1, 9))
@settings(max_examples=4_000, deadline=None)
def test_no_mixture_makes_one_however_it_is_cut(pieces: list[str], size: int) -> None:
    check(pieces, size)
