"""The widget shows an answer as it comes, and its sources."""

import threading
from collections.abc import Iterator

import pytest
from chatkit.types import NoticeEvent
from playwright.sync_api import Page, expect

from server.answer.cards import nearest_list
from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, finished_answers, panel
from tests.browser.scripted_backend import Step, Turn, Wait
from tests.browser.scripts import answer, cite, progress, sources_card, streamed_answer, widget

pytestmark = pytest.mark.browser

MARKDOWN = """\
Use **either** of these:

1. press `Ctrl K`
2. follow [the guide](/docs/guide)

```python
print("hi")
```

| a | b |
|---|---|
| 1 | 2 |
"""


def test_an_answer_grows_as_markdown(asking: Page, site: Site) -> None:
    gate = threading.Event()

    def script(turn: Turn) -> Iterator[Step]:
        yield from streamed_answer(turn, ["Use **eith", Wait(gate), MARKDOWN[len("Use **eith") :]])

    site.backend.scripts.append(script)
    ask(asking, "How?")
    # What is not finished is shown as what it is about to be.
    expect(answers(asking).locator("strong")).to_have_text("eith")
    gate.set()
    answer_ = answers(asking)
    expect(answer_.locator("ol > li")).to_have_count(2)
    expect(answer_.locator("li code")).to_have_text("Ctrl K")
    expect(answer_.locator("pre")).to_have_text('print("hi")')
    expect(answer_.locator("td")).to_have_text(["1", "2"])
    assert answer_.locator("li a").get_attribute("href") == f"{site.url}/docs/guide"


def test_growing_leaves_what_is_there_alone(asking: Page, site: Site) -> None:
    gate = threading.Event()

    def script(turn: Turn) -> Iterator[Step]:
        yield from streamed_answer(turn, ["First.\n\nSec", Wait(gate), "ond **part**."])

    site.backend.scripts.append(script)
    ask(asking, "How?")
    expect(answers(asking).locator("p")).to_have_text(["First.", "Sec"])
    answers(asking).locator("p").evaluate_all("all => all.forEach(one => (one.marked = true))")
    gate.set()
    expect(answers(asking).locator("p")).to_have_text(["First.", "Second part."])
    kept = answers(asking).locator("p").evaluate_all("all => all.map(one => one.marked === true)")
    assert kept == [True, True]


def test_citations_stand_where_they_belong_also_after_emoji(asking: Page, site: Site) -> None:
    text = "🎉🎉 Start it 🚀 first. Then **stop** it. And again."
    site.backend.scripts.append(
        answer(
            text,
            cite(text, "first.", "/docs/guide#asking", "Asking"),
            cite(text, "first.", "https://example.com/other", "Other"),
            cite(text, "**stop**", "https://example.com/other", "Other"),
            cite(text, "again.", "/docs/guide#asking", "Asking"),
            size=3,
        )
    )
    ask(asking, "How?")
    expect(answers(asking).locator("p")).to_have_text(
        "🎉🎉 Start it 🚀 first.12 Then stop2 it. And again.1"
    )
    first = asking.get_by_role("link", name="Source 1: Asking").first
    assert first.get_attribute("href") == f"{site.url}/docs/guide#asking"
    assert first.get_attribute("target") is None
    other = asking.get_by_role("link", name="Source 2: Other").first
    assert other.get_attribute("target") == "_blank"
    assert "noopener" in (other.get_attribute("rel") or "")


def test_a_citation_behind_code_is_shown_with_the_code(asking: Page, site: Site) -> None:
    text = "Run it:\n\n```sh\nmake\n```"
    site.backend.scripts.append(answer(text, cite(text, "```sh\nmake\n```", "/docs/guide")))
    ask(asking, "How?")
    expect(answers(asking).locator("figcaption .cite")).to_have_text("1")
    expect(answers(asking).locator("pre")).to_have_text("make")


def test_pointing_at_a_citation_tells_its_source(asking: Page, site: Site) -> None:
    text = "Press it."
    site.backend.scripts.append(answer(text, cite(text, "it.", "/docs/guide", "The guide")))
    ask(asking, "How?")
    asking.locator(".cite").hover()
    note = asking.locator(".preview")
    expect(note).to_contain_text("The guide")
    expect(note).to_contain_text("Guide › Section")
    # It can be pointed at itself, and taken away without going away from it.
    note.hover()
    asking.wait_for_timeout(300)
    expect(note).to_be_visible()
    asking.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(panel(asking)).to_be_visible()
    asking.locator(".cite").hover()
    expect(note).to_be_visible()
    asking.get_by_label("Your question").hover()
    expect(note).to_be_hidden()


def test_the_end_stays_in_view_while_the_question_grows(asking: Page, site: Site) -> None:
    site.backend.scripts.extend([answer("A line.\n\n" * 30), answer("Short.")])
    ask(asking, "How?")
    expect(finished_answers(asking)).to_have_count(1)
    ask(asking, "And in short?")
    last = answers(asking).last.get_by_role("button", name="Copy the answer")
    expect(last).to_be_in_viewport(ratio=1)
    asking.get_by_label("Your question").fill("One\nof\nseveral\nlines\nis\nthis")
    expect(last).to_be_in_viewport(ratio=1)


def test_the_answer_to_a_long_question_comes_into_view(asking: Page, site: Site) -> None:
    site.backend.scripts.append(answer("A log."))
    ask(asking, "a line of a log\n" * 60 + "what is this?")
    expect(finished_answers(asking)).to_contain_text("A log.")
    expect(answers(asking)).to_be_in_viewport(ratio=1)


def test_progress_is_shown_until_the_text_comes(asking: Page, site: Site) -> None:
    searching, writing = threading.Event(), threading.Event()

    def script(turn: Turn) -> Iterator[Step]:
        yield progress("Searching the docs for “How?”")
        yield Wait(searching)
        yield from streamed_answer(turn, ["So.", Wait(writing)])

    site.backend.scripts.append(script)
    ask(asking, "How?")
    shown = asking.locator(".progress")
    expect(shown).to_have_text("Searching the docs for “How?”")
    searching.set()
    expect(answers(asking)).to_contain_text("So.")
    expect(shown).to_have_count(0)
    writing.set()


def test_a_card_of_sources_comes_before_the_text(asking: Page, site: Site) -> None:
    card = sources_card(("Asking", "Guide › Asking", "/docs/guide#asking"))

    def script(turn: Turn) -> Iterator[Step]:
        yield widget(turn, card)
        yield from streamed_answer(turn, ["Like this."])

    site.backend.scripts.append(script)
    ask(asking, "How?")
    shown = asking.locator(".card")
    expect(shown).to_contain_text("Guide › Asking")
    link = shown.get_by_role("link", name="Asking")
    assert link.get_attribute("href") == f"{site.url}/docs/guide#asking"
    order = asking.locator(".items > *").evaluate_all("all => all.map(one => one.className)")
    assert [name.split()[0] for name in order] == ["question", "widget", "answer"]


def test_unknown_components_show_what_they_hold(asking: Page, site: Site) -> None:
    root = {
        "type": "Card",
        "children": [
            {"type": "Carousel", "children": [{"type": "Text", "value": "inside"}]},
            {"type": "Gauge", "label": "63 %"},
            {"type": "Title", "value": "A title"},
            {"type": "Markdown", "value": "**bold** <b>raw</b>"},
            {"type": "Chart", "data": [], "series": [], "xAxis": "x"},
        ],
    }
    site.backend.scripts.append(lambda turn: iter([widget(turn, root)]))
    ask(asking, "Show me")
    shown = asking.locator(".card")
    for text in ["inside", "63 %", "A title", "bold <b>raw</b>"]:
        expect(shown).to_contain_text(text)


@pytest.mark.parametrize("address", ["https://help.example/ask", "mailto:help@docs.example"])
def test_help_is_a_link_wherever_it_is(asking: Page, site: Site, address: str) -> None:
    root = nearest_list([], support_url=address).model_dump(exclude_none=True)
    site.backend.scripts.append(lambda turn: iter([widget(turn, root)]))
    ask(asking, "How?")
    expect(asking.get_by_role("link", name="Get help")).to_have_attribute("href", address)


def test_an_action_of_the_backend_is_sent_to_it(asking: Page, site: Site) -> None:
    action = {"type": "more", "payload": {"page": 2}}
    root = {
        "type": "Card",
        "children": [{"type": "Button", "label": "More", "onClickAction": action}],
    }
    site.backend.scripts.append(lambda turn: iter([widget(turn, root)]))
    site.backend.scripts.append(answer("Here is more."))
    ask(asking, "Show me")
    asking.get_by_role("button", name="More", exact=True).click()
    expect(answers(asking)).to_contain_text("Here is more.")
    assert site.backend.actions == [("more", {"page": 2})]


def test_an_action_of_the_page_is_given_to_it(asking: Page, site: Site) -> None:
    action = {"type": "buy", "payload": 7, "handler": "client"}
    root = {
        "type": "Card",
        "children": [{"type": "Button", "label": "Buy", "onClickAction": action}],
    }
    site.backend.scripts.append(lambda turn: iter([widget(turn, root)]))
    ask(asking, "Show me")
    asking.evaluate(
        "document.addEventListener('docs-assistant-action', e => (window.got = e.detail))"
    )
    asking.get_by_role("button", name="Buy").click()
    got = asking.evaluate("window.got")
    assert (got["type"], got["payload"]) == ("buy", 7)


def test_a_notice_is_shown_as_markdown(asking: Page, site: Site) -> None:
    notice = NoticeEvent(level="warning", title="Limit", message="See [plans](https://a.example/).")
    site.backend.scripts.append(lambda _: iter([notice]))
    ask(asking, "How?")
    shown = asking.locator(".notice.warning")
    expect(shown).to_contain_text("Limit")
    expect(shown.get_by_role("link", name="plans")).to_be_visible()


def test_feedback_is_sent_and_can_be_changed(asking: Page, site: Site) -> None:
    site.backend.scripts.append(answer("So."))
    ask(asking, "How?")
    helpful = asking.get_by_role("button", name="This answer helped")
    # A thumb is shown as pressed before the server has answered.
    with asking.expect_response("**/chatkit"):
        helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "true")
    unhelpful = asking.get_by_role("button", name="This answer did not help")
    with asking.expect_response("**/chatkit"):
        unhelpful.click()
    expect(unhelpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_have_attribute("aria-pressed", "false")
    (thread,) = site.backend.threads.values()
    stored = thread.items.data[-1].id
    assert site.backend.feedback == [([stored], "positive"), ([stored], "negative")]


def test_requests_carry_the_readers_key_and_the_page(asking: Page, site: Site) -> None:
    site.backend.scripts.append(answer("One."))
    site.backend.scripts.append(answer("Two."))
    ask(asking, "First?")
    expect(finished_answers(asking)).to_have_count(1)
    ask(asking, "Second?")
    expect(finished_answers(asking)).to_have_count(2)
    first, second = site.backend.requests
    assert first["metadata"] == {
        "page_url": f"{site.url}/",
        "client_tools": ["open_page"],
        "locale": "en",
    }
    assert first["params"]["input"]["inference_options"] == {}
    assert second["type"] == "threads.add_user_message"
    (key,) = set(site.backend.authorizations)
    scheme, _, token = key.partition(" ")
    assert scheme == "Bearer"
    assert len(bytes.fromhex(token)) == 16
