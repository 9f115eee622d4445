"""What a backend can ask of the reader and the page within a turn, and show of its own work."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from chatkit.types import (
    ClientToolCallItem,
    CustomTask,
    DurationSummary,
    SearchTask,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    TaskItem,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    URLSource,
    WidgetItem,
    Workflow,
    WorkflowItem,
    WorkflowTaskAdded,
)
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel, question_sent
from tests.browser.scripted_backend import Refusal, Script, Step, Turn, Wait
from tests.browser.scripts import WIDGET, answer, streamed_answer, widget

pytestmark = pytest.mark.browser


def call(url: str, heading: str = "Asking", name: str = "open_page") -> Script:
    """Make a script that ends with a call of the page."""

    def script(turn: Turn) -> Iterator[Step]:
        yield ThreadItemDoneEvent(
            item=ClientToolCallItem(
                id=turn.new_id(),
                thread_id=turn.thread_id,
                created_at=turn.now,
                call_id="call_1",
                name=name,
                arguments={"url": url, "heading": heading},
            )
        )

    return script


def test_a_page_is_opened_and_the_answer_goes_on_there(asking: Page, site: Site) -> None:
    site.backend.scripts.extend([call("/docs/guide#asking"), answer("There it is.")])
    ask(asking, "Show me how to ask")
    asking.wait_for_url("**/docs/guide#asking")
    expect(asking.locator("#asking")).to_be_in_viewport()
    expect(answers(asking)).to_contain_text("There it is.")
    expect(question_sent(asking, "Show me how to ask")).to_be_visible()
    asking.wait_for_function("document.getElementById('asking').getAnimations().length === 1")
    assert site.backend.tool_results == [{"opened": True, "url": f"{site.url}/docs/guide#asking"}]
    opened = panel(asking).get_by_role("link", name="Opened “Asking”")
    assert opened.get_attribute("href") == f"{site.url}/docs/guide#asking"
    asking.reload()
    expect(answers(asking)).to_contain_text("There it is.")
    assert len(site.backend.tool_results) == 1


def test_a_place_of_the_page_itself_is_only_scrolled_to(asking: Page, site: Site) -> None:
    asking.goto(f"{site.url}/docs/guide")
    asking.evaluate("window.sameDocument = true")
    site.backend.scripts.extend([call("/docs/guide#asking"), answer("Here.")])
    ask(asking, "Show me")
    expect(answers(asking)).to_contain_text("Here.")
    expect(asking.locator("#asking")).to_be_in_viewport()
    assert asking.evaluate("window.sameDocument === true")
    assert site.backend.tool_results == [{"opened": True, "url": f"{site.url}/docs/guide#asking"}]


def test_a_page_that_is_not_there_is_reported_as_such(asking: Page, site: Site) -> None:
    site.backend.scripts.extend([call("/docs/gone"), answer("It is gone.")])
    ask(asking, "Show me")
    asking.wait_for_url("**/docs/gone")
    expect(answers(asking)).to_contain_text("It is gone.")
    (result,) = site.backend.tool_results
    assert (result["opened"], result["reason"]) == (False, "There is no such page.")


@pytest.mark.parametrize(
    ("address", "links"),
    [("https://other.example/page", 1), ("javascript:window.pwned=1", 0), ("data:text/html,x", 0)],
)
def test_other_sites_are_only_linked_and_other_schemes_not_at_all(
    asking: Page, site: Site, address: str, links: int
) -> None:
    site.backend.scripts.extend([call(address), answer("I can't.")])
    ask(asking, "Show me")
    expect(answers(asking)).to_contain_text("I can't.")
    assert asking.url == f"{site.url}/"
    assert asking.evaluate("window.pwned") is None
    assert [result["opened"] for result in site.backend.tool_results] == [False]
    offered = panel(asking).get_by_role("link", name="Open “Asking”")
    expect(offered).to_have_count(links)
    if links:
        assert offered.get_attribute("target") == "_blank"


def test_an_unknown_tool_is_refused_so_that_the_answer_goes_on(asking: Page, site: Site) -> None:
    site.backend.scripts.extend([call("/docs/guide", name="buy"), answer("Never mind.")])
    ask(asking, "Buy it")
    expect(answers(asking)).to_contain_text("Never mind.")
    assert site.backend.tool_results == [{"opened": False, "reason": "There is no tool buy."}]


def test_on_a_phone_the_panel_makes_way_and_the_answer_goes_on(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(site.url)
    page.get_by_role("button", name="Ask the docs").last.click()
    site.backend.scripts.extend([call("/docs/guide#asking"), answer("There it is.")])
    ask(page, "Show me")
    page.wait_for_url("**/docs/guide#asking")
    expect(page.locator("#asking")).to_be_in_viewport()
    expect(panel(page)).to_have_count(0)
    page.get_by_role("button", name="Ask the docs").last.click()
    expect(answers(page)).to_contain_text("There it is.")


def test_a_call_that_was_left_open_opens_nothing_by_itself(asking: Page, site: Site) -> None:
    site.backend.scripts.append(call("/docs/guide#asking"))
    # A browser stays where it is when there is no content to show.
    asking.route("**/docs/guide", lambda route: route.fulfill(status=204))
    ask(asking, "Show me")
    expect(panel(asking).get_by_role("link", name="Open “Asking”")).to_be_visible()
    asking.evaluate("sessionStorage.clear()")
    asking.unroute("**/docs/guide")
    asking.goto(site.url)
    asking.get_by_role("button", name="Ask the docs").last.click()
    expect(panel(asking).get_by_role("link", name="Open “Asking”")).to_be_visible()
    assert site.backend.tool_results == []
    assert asking.url == f"{site.url}/"


def form(*, multiple: bool = False, freeform: bool = False) -> Script:
    """Make a script that asks the reader which version is meant."""

    def script(turn: Turn) -> Iterator[Step]:
        options = [StructuredInputMultipleChoiceOption(value=one) for one in ("1.x", "2.x")]
        which = StructuredInputMultipleChoice(
            id="version", question="Which version?", options=options, multiple=multiple
        )
        why = StructuredInputFreeform(id="why", question="What for?", description="A few words")
        yield ThreadItemDoneEvent(
            item=StructuredInputItem(
                id=turn.new_id(),
                thread_id=turn.thread_id,
                created_at=turn.now,
                inputs=[which, why] if freeform else [which],
            )
        )

    return script


def submitted(site: Site) -> Any:
    return site.backend.requests[-1]["params"]["input"]


def test_a_question_to_the_reader_is_answered_once_by_the_keyboard(
    asking: Page, site: Site
) -> None:
    site.backend.scripts.extend([form(), answer("In 2.x, so.")])
    ask(asking, "How?")
    group = panel(asking).get_by_role("group", name="Which version?")
    expect(group.get_by_role("radio")).to_have_count(3)
    send = panel(asking).get_by_role("button", name="Continue")
    expect(send).to_be_disabled()
    group.get_by_role("radio", name="1.x").focus()
    asking.keyboard.press("Space")
    asking.keyboard.press("ArrowDown")
    expect(group.get_by_role("radio", name="2.x")).to_be_checked()
    asking.keyboard.press("Enter")
    expect(answers(asking)).to_contain_text("In 2.x, so.")
    assert submitted(site) == {
        "status": "answered",
        "answers": {"version": {"values": ["2.x"], "skipped": False}},
    }
    expect(panel(asking).get_by_role("definition")).to_have_text("2.x")
    expect(group).to_have_count(0)
    expect(asking.get_by_label("Your question")).to_be_focused()
    asking.reload()
    expect(panel(asking).get_by_role("definition")).to_have_text("2.x")
    expect(panel(asking).get_by_role("radio")).to_have_count(0)


def test_several_options_words_of_ones_own_and_nothing_at_all(asking: Page, site: Site) -> None:
    site.backend.scripts.extend([form(multiple=True, freeform=True), answer("Good.")])
    ask(asking, "How?")
    panel(asking).get_by_role("checkbox", name="1.x").check()
    panel(asking).get_by_role("textbox", name="Something else").fill("3.0 beta")
    panel(asking).get_by_role("button", name="Continue").click()
    expect(answers(asking)).to_contain_text("Good.")
    assert submitted(site)["answers"] == {
        "version": {"values": ["1.x", "3.0 beta"], "skipped": False},
        "why": {"values": [], "skipped": True},
    }
    site.backend.scripts.extend([form(), answer("Then for all.")])
    ask(asking, "And?")
    panel(asking).get_by_role("button", name="Skip").click()
    expect(answers(asking).last).to_contain_text("Then for all.")
    assert submitted(site) == {"status": "skipped", "answers": {}}


def test_an_answer_that_could_not_be_sent_is_sent_again(asking: Page, site: Site) -> None:
    site.backend.scripts.append(form())
    ask(asking, "How?")
    panel(asking).get_by_role("radio", name="1.x").check()
    site.backend.refusals.append(Refusal(503, message="Down for a minute."))
    panel(asking).get_by_role("button", name="Continue").click()
    expect(panel(asking).get_by_role("alert")).to_contain_text("Down for a minute.")
    site.backend.scripts.append(answer("In 1.x."))
    panel(asking).get_by_role("button", name="Try again").click()
    expect(answers(asking)).to_contain_text("In 1.x.")


def test_reasoning_is_folded_under_the_time_it_took(asking: Page, site: Site) -> None:
    gate = threading.Event()

    def script(turn: Turn) -> Iterator[Step]:
        item = WorkflowItem(
            id=turn.new_id(),
            thread_id=turn.thread_id,
            created_at=turn.now,
            workflow=Workflow(type="reasoning", tasks=[]),
        )
        yield ThreadItemAddedEvent(item=item.model_copy(deep=True))
        thought = ThoughtTask(title="Comparing versions", content="There are **two**.")
        link = URLSource(url="/docs/guide", title="Guide")
        search = SearchTask(title="Searched the docs", sources=[link])
        for index, task in enumerate([thought, search]):
            added = WorkflowTaskAdded(task_index=index, task=task)
            yield ThreadItemUpdatedEvent(item_id=item.id, update=added)
        yield Wait(gate)
        item.workflow.tasks = [thought, search]
        item.workflow.summary = DurationSummary(duration=7)
        yield ThreadItemDoneEvent(item=item)
        yield from streamed_answer(turn, ["So."])

    site.backend.scripts.append(script)
    ask(asking, "How?")
    shown = panel(asking).locator("details.workflow")
    expect(shown.locator("summary")).to_have_text("Searched the docs")
    gate.set()
    expect(answers(asking)).to_contain_text("So.")
    expect(shown.locator("summary")).to_have_text("Thought for 7 seconds")
    expect(shown.get_by_text("Comparing versions")).to_be_hidden()
    shown.locator("summary").focus()
    asking.keyboard.press("Enter")
    expect(shown.get_by_text("Comparing versions")).to_be_visible()
    expect(shown.locator("strong")).to_have_text("two")
    assert shown.get_by_role("link", name="Guide").get_attribute("href") == f"{site.url}/docs/guide"


def test_a_single_step_is_shown_as_it_is(asking: Page, site: Site) -> None:
    def script(turn: Turn) -> Iterator[Step]:
        task = CustomTask(title="Looked it up", content="In `a.md`.")
        yield ThreadItemDoneEvent(
            item=TaskItem(
                id=turn.new_id(), thread_id=turn.thread_id, created_at=turn.now, task=task
            )
        )

    site.backend.scripts.append(script)
    ask(asking, "How?")
    expect(panel(asking).locator(".workflow")).to_contain_text("Looked it up")
    expect(panel(asking).locator(".workflow code")).to_have_text("a.md")


def button(label: str, type_: str, **action: Any) -> dict[str, Any]:
    return {"type": "Button", "label": label, "onClickAction": {"type": type_, **action}}


def card(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Card", "children": [*children]}


def changed(item: WidgetItem, root: dict[str, Any]) -> WidgetItem:
    return item.model_copy(update={"widget": WIDGET.validate_python(root)})


def test_a_card_is_changed_in_its_place_and_a_rephrasing_asked(asking: Page, site: Site) -> None:
    backend = site.backend
    more = button("Show more sources", "more_sources", streaming=False)
    other = button("Not what I meant", "rephrase", streaming=False)
    first = {"type": "Text", "value": "First source"}

    def script(turn: Turn) -> Iterator[Step]:
        shown = widget(turn, card(first, more, other))
        assert isinstance(shown.item, WidgetItem)
        second = {"type": "Text", "value": "Second source"}
        question = button("What of guides?", "ask", payload={"question": "What of guides?"})
        backend.changed_items.append(changed(shown.item, card(first, second, other)))
        backend.changed_items.append(changed(shown.item, card(first, second, question)))
        yield shown
        yield from streamed_answer(turn, ["So."])

    backend.scripts.append(script)
    ask(asking, "How?")
    asking.get_by_role("button", name="Show more sources").click()
    expect(panel(asking).locator(".card")).to_contain_text("Second source")
    expect(asking.get_by_role("button", name="Show more sources")).to_have_count(0)
    asking.get_by_role("button", name="Not what I meant").click()
    backend.scripts.append(answer("Of guides, this."))
    asking.get_by_role("button", name="What of guides?").click()
    expect(answers(asking).last).to_contain_text("Of guides, this.")
    assert [type_ for type_, _ in backend.actions] == ["more_sources", "rephrase", "ask"]
    assert backend.actions[-1][1] == {"question": "What of guides?"}
    order = asking.locator(".items > *").evaluate_all("all => all.map(one => one.className)")
    assert [name.split()[0] for name in order] == ["question", "widget", "answer", "answer"]


def test_an_action_that_fails_is_told_and_can_be_tried_again(asking: Page, site: Site) -> None:
    more = button("More", "more_sources", streaming=False)

    def script(turn: Turn) -> Iterator[Step]:
        shown = widget(turn, card(more))
        assert isinstance(shown.item, WidgetItem)
        after = card({"type": "Text", "value": "Second source"})
        site.backend.changed_items.append(changed(shown.item, after))
        yield shown

    site.backend.scripts.append(script)
    ask(asking, "How?")
    expect(asking.get_by_role("button", name="More", exact=True)).to_be_enabled()
    site.backend.refusals.append(Refusal(503, message="Down for a minute."))
    asking.get_by_role("button", name="More", exact=True).click()
    expect(panel(asking).get_by_role("alert")).to_contain_text("Down for a minute.")
    asking.get_by_role("button", name="Try again").click()
    expect(panel(asking).locator(".card")).to_contain_text("Second source")
    expect(panel(asking).get_by_role("alert")).to_have_count(0)


def test_lists_show_the_rest_when_asked_to(asking: Page, site: Site) -> None:
    rows = [
        {"type": "ListViewItem", "children": [{"type": "Text", "value": f"Row {number}"}]}
        for number in range(5)
    ]
    root = {"type": "ListView", "limit": 3, "children": rows}
    site.backend.scripts.append(lambda turn: iter([widget(turn, root)]))
    ask(asking, "Show me")
    shown = panel(asking).locator(".list-view")
    expect(shown.get_by_text("Row 2")).to_be_visible()
    expect(shown.get_by_text("Row 3")).to_be_hidden()
    shown.get_by_role("button", name="Show more").click()
    expect(shown.get_by_text("Row 4")).to_be_visible()
