"""The Card of sources, and its snippets."""

import pytest

from server.answer.cards import Source, nearest_list, sources_card, sources_text
from server.answer.snippets import snippet
from tests.server.sections import section


def test_a_row_names_the_section_and_opens_it() -> None:
    passage = section("Run")
    card = sources_card([Source(passage, marker=2)])
    written = card.model_dump(exclude_none=True)
    row = written["children"][1]
    badge, button = row["children"][0]["children"]
    assert badge["label"] == "2"
    assert button["label"] == "Run"
    assert button["onClickAction"]["payload"] == {"url": passage.url}
    assert button["onClickAction"]["handler"] == "client"


def test_before_the_answer_rows_have_no_number() -> None:
    written = sources_card([Source(section("Run"))]).model_dump_json()
    assert "Badge" not in written


def test_the_nearest_pages_are_a_list_that_ends_with_where_to_ask() -> None:
    sources = [Source(section("Run")), Source(section("Stop"))]
    shown = nearest_list(sources, support_url="https://help.example/ask").model_dump(mode="json")
    assert (shown["type"], shown["status"]["text"]) == ("ListView", "The nearest pages")
    run, _, ask = shown["children"]
    assert {item["type"] for item in shown["children"]} == {"ListViewItem"}
    assert run["key"] == sources[0].passage.url
    [button] = ask["children"]
    assert button["onClickAction"]["payload"] == {"url": "https://help.example/ask"}
    assert len(nearest_list(sources, support_url="").model_dump()["children"]) == 2


def test_the_copied_text_holds_the_links() -> None:
    passage = section("Run")
    assert passage.url in sources_text([Source(passage)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Run `make serve`, **then** [ask](/x#y).", "Run make serve, then ask."),
        ("```bash\nmake serve\n```\n", "make serve"),
        ("- one\n- two\n> three", "one two three"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("snake_case and x_y_z stay", "snake_case and x_y_z stay"),
    ],
)
def test_snippets_are_plain(text: str, expected: str) -> None:
    assert snippet(text) == expected


def test_long_snippets_end_at_a_word() -> None:
    short = snippet("word " * 100)
    assert len(short) <= 181
    assert short.endswith("word…")


def test_a_snippet_shows_the_words_that_were_searched_for() -> None:
    text = "Nothing of interest is said here, at length. " * 6 + "The port is 8000. Then more."
    assert snippet(text, about="which port") == "…The port is 8000. Then more."
    assert snippet(text).startswith("Nothing")
    assert "hidden" not in snippet("Run it.<!-- hidden port -->", about="port")
