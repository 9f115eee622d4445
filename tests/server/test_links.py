"""Foreign links in what the model writes lose their effect, however it is cut into deltas."""

import sys
from itertools import pairwise
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from server.answer.links import LinkFilter
from server.answer.site_links import AllowedLinks

ALLOWED = AllowedLinks({"/docs/run": frozenset({"docker"})}, frozenset({"ok.example"}))

KEPT = [
    "See [Run](/docs/run), [Docker](/docs/run#docker) and [elsewhere](https://ok.example/a?b=c).",
    "See [Run](</docs/run>) and <https://ok.example/>, https://ok.example/x.",
    "Use `[x](https://evil.example)` or\n\n```md\n![x](https://evil.example/x.png)\n```\n\nDone.",
    "A list[0], a [1], [2][3], arr[i], `a[0](x)` and a - [ ] box, 2 < 3 > 1.",
    "one [bracket\n\nand [two",
    "a<br>b <kbd>Ctrl</kbd>",
    "snake_case, C:\\path, x@y and 12:30",
]
REMOVED = {
    "See [here](https://evil.example/p?q=secret).": "See here.",
    "![pixel](https://evil.example/p.png?q=secret)": "pixel",
    "[![pixel](https://evil.example/p.png)](https://evil.example)": "pixel",
    "[click\nhere](\nhttps://evil.example 'title')": "click here",
    "<https://evil.example/x>": "`https://evil.example/x`",
    "Go to https://evil.example/x, now.": "Go to `https://evil.example/x`, now.",
    "Go to www.evil.example.": "Go to `www.evil.example`.",
    "Mail a.b@evil.example.": "Mail `a.b@evil.example`.",
    "<img src=x onerror=y>": "\\<img src=x onerror=y>",
    "<!-- x --></div>": "\\<!-- x -->\\</div>",
    "[x][r]\n\n[r]: https://evil.example\nnext": "[x][r]\n\nnext",
    "[x](javascript:alert(1)) [y](//evil.example) [z](guide.md)": "x y z",
    "[x](https://ok.example@evil.example) [y](https://evil.example\\@ok.example)": "x y",
    "[x](/docs/run#nowhere) [y](/docs/other)": "x y",
    "[1](https://evil.example)": "[1]",
    "[https://evil.example](/docs/run)": "[`https://evil.example`](/docs/run)",
    "[x](https://evil.example/never-closed": "\\[x\\](`https://evil.example/never-closed`",
}


def filtered(text: str, *cuts: int) -> str:
    links = LinkFilter(ALLOWED)
    places = [0, *sorted(cuts), len(text)]
    deltas = [text[start:end] for start, end in pairwise(places)]
    return "".join([*map(links.feed, deltas), links.finish()])


def test_what_is_opened_and_never_closed_is_looked_at_once() -> None:
    text = "[" * 4_000
    # If the rest were looked at again for each bracket, these would be millions of steps.
    steps = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event in {"call", "c_call"}

    links = LinkFilter(AllowedLinks())
    sys.setprofile(count)
    try:
        shown = links.feed(text) + links.finish()
    finally:
        sys.setprofile(None)
    assert shown
    assert steps < 60 * len(text)


@pytest.mark.parametrize("text", KEPT)
def test_what_is_known_or_no_link_stays(text: str) -> None:
    assert filtered(text) == text


@pytest.mark.parametrize(("text", "expected"), REMOVED.items())
def test_the_foreign_loses_its_address(text: str, expected: str) -> None:
    assert filtered(text) == expected


@given(st.sampled_from([*KEPT, *REMOVED]), st.lists(st.integers(0, 60), max_size=8))
def test_the_deltas_make_no_difference(text: str, cuts: list[int]) -> None:
    assert filtered(text, *(min(cut, len(text)) for cut in cuts)) == filtered(text)


_PARTS = "[|]|(|)|!|<|>|`|\\|\n|\n\n| |:|[r]|[r]: |https://evil.example/|/docs/run|x|'|\"|~~~\n"


@given(st.lists(st.sampled_from(_PARTS.split("|")), max_size=14).map("".join))
def test_no_foreign_link_survives(text: str) -> None:
    shown = filtered(text)
    for token in MarkdownIt("commonmark").parse(shown):
        for inline in token.children or []:
            target = inline.attrGet("href") or inline.attrGet("src") or ""
            assert "evil.example" not in str(target), shown


def test_a_long_unclosed_link_is_let_go() -> None:
    links = LinkFilter(ALLOWED)
    shown = links.feed("[" + "x " * 2_000)
    assert shown.startswith("[x x")
    assert len(shown) > 1_900
