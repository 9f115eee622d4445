import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from server.lexical.sentences import Unit, clean_inline, split_sentences, split_units


def texts(markdown: str) -> list[tuple[str, str]]:
    return [(unit.kind, unit.text) for unit in split_units(markdown)]


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("A line\nthat wraps. Next\none.", ["A line that wraps.", "Next one."]),
        ("Use e.g. Docker, i.e. Compose. Then go.", ["Use e.g. Docker, i.e. Compose.", "Then go."]),
        ("By J. Doe, cf. Fig. 2. Next.", ["By J. Doe, cf. Fig. 2.", "Next."]),
        ("Since version 3.11 it is. Really.", ["Since version 3.11 it is.", "Really."]),
        ("Open `app.py. Now` then. Go.", ["Open `app.py. Now` then.", "Go."]),
        ("**Note. Read this.** Then go.", ["**Note. Read this.**", "Then go."]),
        ("He said (so. Again). Then.", ["He said (so. Again).", "Then."]),
        ("“Really.” Then he left.", ["“Really.”", "Then he left."]),
        ("Set it in `.env`. `PORT` is next.", ["Set it in `.env`.", "`PORT` is next."]),
        ("Call foo.bar() or x.y. ok", ["Call foo.bar() or x.y. ok"]),
        ("先安装。然后运行！好吗？", ["先安装。", "然后运行！", "好吗？"]),
        ("他说“好。”然后走了。", ["他说“好。”", "然后走了。"]),
        ("Das gilt z. B. Für alle. Über alles.", ["Das gilt z. B. Für alle.", "Über alles."]),
        ("", []),
    ],
)
def test_sentences(paragraph: str, sentences: list[str]) -> None:
    assert split_sentences(paragraph) == sentences


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("See [the guide](../a.md#b) now.", "See the guide now."),
        ("See [the `guide`][ref] now.", "See the `guide` now."),
        ("See [wiki](https://x.y/a_(b)) now.", "See wiki now."),
        ("A ![logo](a.png) here[^1].", "A here."),
        ("A <abbr title='x'>word</abbr><br/>.", "A word."),
        ("Heading { #anchor }", "Heading"),
        ("As in [1] and [2, 3].", "As in \\[1] and \\[2, 3]."),
        ("Keep `[a](b) <T> [1]` whole.", "Keep `[a](b) <T> [1]` whole."),
        ("If a < b and b > c.", "If a < b and b > c."),
    ],
)
def test_what_leads_nowhere_is_left_out(written: str, quoted: str) -> None:
    assert clean_inline(written) == quoted


def test_blocks_are_units_and_headings_are_not() -> None:
    markdown = """\
Intro. More.

## Heading

- First item. Goes on.
- Second:

  ```sh
  make serve
  ```

1. Step

> Quoted.

| a | b |
|---|---|
| 1 | 2 [3] |

Last.
"""

    assert texts(markdown) == [
        ("sentence", "Intro."),
        ("sentence", "More."),
        ("sentence", "First item."),
        ("sentence", "Goes on."),
        ("sentence", "Second:"),
        ("code", "```sh\nmake serve\n```"),
        ("sentence", "Step"),
        ("sentence", "Quoted."),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 \\[3] |"),
        ("sentence", "Last."),
    ]


def test_sentences_of_one_paragraph_share_a_block() -> None:
    first, second, third = split_units("One. Two.\n\nThree.")

    assert first.block == second.block != third.block


def test_a_fence_is_longer_than_any_in_the_code() -> None:
    assert split_units("````md\n```\na\n```\n````") == [
        Unit("code", "````md\n```\na\n```\n````", block=0)
    ]


def test_the_colours_of_a_terminal_are_left_out_of_its_text() -> None:
    assert texts('```console\n$ run\n<span style="color: red;">INFO</span> <host>\n```') == [
        ("code", "```console\n$ run\nINFO <host>\n```")
    ]
    assert texts("```html\n<span>kept</span>\n```") == [("code", "```html\n<span>kept</span>\n```")]


def test_directives_of_generators_are_left_out() -> None:
    markdown = """\
import Tabs from '@theme/Tabs';

!!! note "Title"
    Said in a note. Twice.

/// tip

Said in a tip.

///

:::warning
Said in a warning.
:::

{* ../../docs_src/a.py hl[1] *}

<Tabs>

Said in a tab.

</Tabs>

```py
import x from y;
!!! kept
```
"""

    assert texts(markdown) == [
        ("sentence", "Said in a note."),
        ("sentence", "Twice."),
        ("sentence", "Said in a tip."),
        ("sentence", "Said in a warning."),
        ("sentence", "Said in a tab."),
        ("code", "```py\nimport x from y;\n!!! kept\n```"),
    ]


@given(st.text(alphabet="abA. `*[]()!?。\n-#>|~1<", max_size=80))
def test_a_unit_by_itself_is_what_it_claims_to_be(markdown: str) -> None:
    for unit in split_units(markdown):
        if unit.kind == "code":
            [token] = MarkdownIt("commonmark").parse(unit.text)
            assert token.type == "fence"
        else:
            assert unit.text.strip() == unit.text != ""
            assert unit.kind == "table" or "\n" not in unit.text
