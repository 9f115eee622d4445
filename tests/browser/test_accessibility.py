"""The page with the panel in all its states has no fault that axe-core can find."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from chatkit.types import (
    CustomTask,
    DurationSummary,
    ErrorEvent,
    NoticeEvent,
    ThreadItemDoneEvent,
    Workflow,
    WorkflowItem,
)
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel
from tests.browser.scripted_backend import Step, Turn
from tests.browser.scripted_files import LIMITS
from tests.browser.scripts import cite, sources_card, streamed_answer, widget
from tests.browser.test_turns import form

pytestmark = pytest.mark.browser

MARKDOWN = (
    "See **this**, `that` and [a page](/docs/guide).\n\n> Quoted.\n\n```sh\nmake\n```\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n"
)


def full_turn(turn: Turn) -> Iterator[Step]:
    """Stream one of everything."""
    workflow = Workflow(
        type="reasoning", tasks=[CustomTask(title="Read")], summary=DurationSummary(duration=3)
    )
    yield ThreadItemDoneEvent(
        item=WorkflowItem(
            id=turn.new_id(), thread_id=turn.thread_id, created_at=turn.now, workflow=workflow
        )
    )
    card = sources_card(("Asking", "Guide › Asking", "/docs/guide#asking"))
    actions = [
        {"type": "Button", "label": label, "size": "sm", "onClickAction": {"type": "more"}}
        for label in ("Show more sources", "Not what I meant")
    ]
    card["children"].append({"type": "Row", "gap": 2, "children": actions})
    yield widget(turn, card)
    yield from streamed_answer(turn, [MARKDOWN], [cite(MARKDOWN, "**this**", "/docs/guide")])
    yield NoticeEvent(level="warning", title="Limit", message="Nearly used up.")
    yield ErrorEvent(message="It broke off.", allow_retry=True)


# While pages are offered, the field is a combobox; HTML has no name for one of several lines.
EXPECTED = {"aria-allowed-role"}


def assert_accessible(page: Page) -> None:
    faults = Axe().run(page).response["violations"]
    found = {fault["id"]: [node["target"] for node in fault["nodes"]] for fault in faults}
    assert found.keys() <= EXPECTED, found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_fault_is_found(
    chromium: Browser, site: Site, scheme: Literal["light", "dark"], width: int
) -> None:
    context = chromium.new_context(
        color_scheme=scheme, reduced_motion="reduce", viewport={"width": width, "height": 860}
    )
    page = context.new_page()
    site.backend.files.limits = LIMITS
    site.backend.pages = [("/docs/guide", "Guide")]
    site.backend.models = ["quick", "thorough"]
    page.goto(f"{site.url}/docs/guide")
    assert_accessible(page)
    page.get_by_role("button", name="Ask the docs").last.click()
    site.backend.scripts.extend([form(freeform=True), full_turn])
    ask(page, "Which?")
    expect(panel(page).get_by_role("radio")).to_have_count(3)
    ask(page, "How?")
    expect(panel(page).get_by_role("alert")).to_be_visible()
    expect(answers(page)).to_be_visible()
    notes: FilePayload = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"}
    page.locator("input[type=file]").set_input_files(notes)
    expect(page.locator(".composer .file-chip")).to_be_visible()
    page.get_by_label("Your question").press_sequentially("@gui")
    expect(page.get_by_role("listbox").get_by_role("option")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Past conversations").click()
    expect(panel(page).get_by_role("listitem")).to_have_count(1)
    assert_accessible(page)
    context.close()
