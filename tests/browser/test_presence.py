"""The widget on a page: how it gets there, opens and closes, and fits what is around it."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, Page, expect

from server.site import site_router
from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel
from tests.browser.scripted_backend import ScriptedBackend
from tests.browser.scripts import answer, cite, progress, streamed_answer
from tests.server.serving import running

pytestmark = pytest.mark.browser

# What sites with a policy of their own send: nothing inline, scripts from the assistant alone.
STRICT_POLICY = "default-src 'none'; script-src {assistant}; connect-src {assistant}"


@pytest.fixture
def assistant() -> Iterator[Site]:
    """An assistant on an origin of its own, which other sites may embed."""
    backend = ScriptedBackend()
    app = FastAPI()
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After"],
    )
    app.include_router(site_router())
    app.include_router(backend.router())
    with running(app) as url:
        yield Site(url=url, backend=backend)


def embedding(body: str, *, policy: str | None = None) -> FastAPI:
    """Make a foreign site of one page."""
    app = FastAPI()

    @app.get("/{path:path}")
    def home(path: str) -> HTMLResponse:
        headers = {"Content-Security-Policy": policy} if policy else {}
        return HTMLResponse(f"<!doctype html><title>Theirs</title>{body}", headers=headers)

    return app


def test_one_tag_embeds_the_assistant_under_a_strict_policy(page: Page, assistant: Site) -> None:
    policy = STRICT_POLICY.format(assistant=assistant.url)
    tag = (
        f'<script src="{assistant.url}/widget.js" defer data-title="Ask Acme" '
        'data-placeholder="Write here" data-starters="What is it?|What does it cost?" '
        'data-position="left"></script>'
    )
    with running(embedding(tag, policy=policy)) as theirs:
        page.goto(theirs)
        page.get_by_role("button", name="Ask the docs").click()
        expect(panel(page)).to_have_accessible_name("Ask Acme")
        expect(page.get_by_placeholder("Write here")).to_be_focused()
        box = panel(page).bounding_box()
        assert box is not None
        assert box["x"] < 100
        text = "It is this."
        assistant.backend.scripts.append(answer(text, cite(text, "this.", "/docs/a#b", "A")))
        page.get_by_role("button", name="What is it?").click()
        expect(answers(page)).to_contain_text("It is this.")
        # Relative addresses are of the assistant's own site, and so not of this one.
        link = page.get_by_role("link", name="Source 1: A")
        assert link.get_attribute("href") == f"{assistant.url}/docs/a#b"
        assert link.get_attribute("target") == "_blank"


def test_an_element_of_the_page_is_used_with_its_own_settings(page: Page, assistant: Site) -> None:
    body = (
        f'<docs-assistant data-title="Mine" data-endpoint="{assistant.url}/chatkit">'
        "</docs-assistant><script>document.querySelector('docs-assistant').strings ="
        " { launcher: 'Frag die Doku' };</script>"
        f'<script src="{assistant.url}/widget.js" data-title="Theirs"></script>'
    )
    with running(embedding(body)) as theirs:
        page.goto(theirs)
        page.get_by_role("button", name="Frag die Doku").click()
        expect(panel(page)).to_have_accessible_name("Mine")
        expect(page.locator("docs-assistant")).to_have_count(1)


def test_the_page_can_open_and_ask(page: Page, assistant: Site) -> None:
    body = (
        "<button data-docs-assistant-open>Help <b>me</b></button>"
        f'<script src="{assistant.url}/widget.js"></script>'
    )
    with running(embedding(body)) as theirs:
        page.goto(theirs)
        page.get_by_role("button", name="Help me").locator("b").click()
        expect(panel(page)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Help me")).to_be_focused()
        assistant.backend.scripts.append(answer("Yes."))
        page.evaluate("document.querySelector('docs-assistant').ask('Really?')")
        expect(answers(page)).to_contain_text("Yes.")
        assert assistant.backend.questions() == ["Really?"]


def test_data_open_opens_it_at_the_first_visit_only(page: Page, assistant: Site) -> None:
    with running(embedding(f'<script src="{assistant.url}/widget.js" data-open></script>')) as url:
        page.goto(url)
        expect(panel(page)).to_be_visible()
        page.get_by_role("button", name="Close").click()
        page.reload()
        expect(page.get_by_role("button", name="Ask the docs")).to_be_visible()
        expect(panel(page)).to_have_count(0)


def test_the_keyboard_opens_writes_sends_and_closes(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.keyboard.press("Control+k")
    field = page.get_by_label("Your question")
    expect(field).to_be_focused()
    site.backend.scripts.append(answer("Good."))
    page.keyboard.type("One line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("and another")
    page.keyboard.press("Enter")
    expect(answers(page)).to_contain_text("Good.")
    expect(field).to_have_value("")
    assert site.backend.questions() == ["One line\nand another"]
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Ask the docs").last).to_be_focused()


def test_a_key_that_the_site_uses_stays_the_sites(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.evaluate("window.addEventListener('keydown', e => e.preventDefault(), true)")
    page.keyboard.press("Control+k")
    expect(panel(page)).to_have_count(0)


def test_escape_leaves_the_history_first(asking: Page) -> None:
    asking.get_by_role("button", name="Past conversations").click()
    expect(panel(asking)).to_have_accessible_name("Past conversations")
    asking.keyboard.press("Escape")
    expect(panel(asking)).to_have_accessible_name("Ask the docs")
    asking.keyboard.press("Escape")
    expect(panel(asking)).to_have_count(0)


def test_an_empty_question_is_not_sent(asking: Page, site: Site) -> None:
    field = asking.get_by_label("Your question")
    field.fill("   ")
    field.press("Enter")
    asking.get_by_role("button", name="Send").click(force=True)
    assert site.backend.requests == []


def test_enter_belongs_to_an_input_method_while_it_composes(asking: Page, site: Site) -> None:
    field = asking.get_by_label("Your question")
    field.fill("にほん")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(field).to_have_value("にほん")
    assert site.backend.requests == []


def test_progress_and_finished_paragraphs_are_read_out_once(asking: Page, site: Site) -> None:
    site.backend.scripts.append(
        lambda turn: iter(
            [progress("Searching"), *streamed_answer(turn, ["One.\n\nTw", "o.\n\nThr", "ee."])]
        )
    )
    ask(asking, "How?")
    expect(answers(asking)).to_contain_text("Three.")
    spoken = panel(asking).locator("[aria-live=polite] > p")
    expect(spoken.filter(has_text="Three.")).to_have_count(1)
    texts = [text for text in spoken.all_inner_texts() if text != "Searching"]
    assert texts == ["One.", "Two.", "Three."]


def test_a_restored_conversation_is_not_read_out(asking: Page, site: Site) -> None:
    site.backend.scripts.append(answer("Said before."))
    ask(asking, "How?")
    expect(asking.get_by_role("button", name="This answer helped")).to_be_visible()
    asking.reload()
    expect(answers(asking)).to_contain_text("Said before.")
    expect(panel(asking).locator("[aria-live=polite] > p")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_the_panel_is_the_screen_and_nothing_is_cut_off(
    page: Page, site: Site, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{site.url}/docs/guide")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    page.get_by_role("button", name="Ask the docs").last.click()
    assert panel(page).bounding_box() == {"x": 0, "y": 0, "width": width, "height": 640}
    wide = "| column | column | column |\n|---|---|---|\n| `a_very_long_identifier` | b | c |\n"
    site.backend.scripts.append(answer(f"{'x' * 200}\n\n{wide}\n```\n{'y' * 200}\n```\n"))
    ask(page, "How? " + "z" * 120)
    expect(page.get_by_role("button", name="This answer helped")).to_be_visible()
    scroller = page.get_by_role("log")
    assert scroller.evaluate("one => one.scrollWidth - one.clientWidth") == 0


def test_on_a_phone_the_focus_stays_in_the_panel(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(site.url)
    page.get_by_role("button", name="Ask the docs").last.click()
    inside = "document.activeElement === document.querySelector('docs-assistant')"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"{inside} || document.activeElement === document.body"))
    assert all(reached)
    assert page.evaluate("document.querySelector('docs-assistant') !== null")


def test_on_a_phone_a_citation_makes_way_for_its_page(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(site.url)
    page.get_by_role("button", name="Ask the docs").last.click()
    text = "Ask it."
    site.backend.scripts.append(answer(text, cite(text, "it.", "/docs/guide#asking", "Asking")))
    ask(page, "How?")
    page.get_by_role("link", name="Source 1: Asking").click()
    page.wait_for_url("**/docs/guide#asking")
    expect(page.locator("#asking")).to_be_in_viewport()
    expect(panel(page)).to_have_count(0)
    page.get_by_role("button", name="Ask the docs").last.click()
    expect(answers(page)).to_contain_text("Ask it.")


def test_the_panel_changes_with_the_screen(asking: Page) -> None:
    asking.set_viewport_size({"width": 390, "height": 700})
    expect(panel(asking)).to_have_css("width", "390px")
    asking.set_viewport_size({"width": 1280, "height": 860})
    expect(panel(asking)).to_have_css("width", "440px")
    expect(panel(asking)).to_be_visible()


BACKGROUND = "one => getComputedStyle(one).backgroundColor"
DARK = "rgb(23, 25, 30)"
LIGHT = "rgb(255, 255, 255)"


@pytest.mark.parametrize(("scheme", "color"), [("light", LIGHT), ("dark", DARK)])
def test_the_handbook_and_the_panel_follow_the_readers_scheme(
    chromium: Browser, site: Site, scheme: Any, color: str
) -> None:
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(site.url)
    page.keyboard.press("Control+k")
    assert panel(page).evaluate(BACKGROUND) == color
    context.close()


def test_the_panel_is_as_dark_as_the_page_becomes(page: Page, assistant: Site) -> None:
    body = f'<body style="background: #fff"><script src="{assistant.url}/widget.js"></script>'
    with running(embedding(body)) as theirs:
        page.goto(theirs)
        page.keyboard.press("Control+k")
        assert panel(page).evaluate(BACKGROUND) == LIGHT
        page.evaluate("document.body.style.background = '#222'")
        expect(panel(page)).to_have_css("background-color", DARK)


def test_a_site_can_set_the_scheme_and_the_accent(page: Page, assistant: Site) -> None:
    body = (
        "<style>:root { --docs-assistant-accent: rgb(10, 125, 79) }</style>"
        f'<script src="{assistant.url}/widget.js" data-theme="dark"></script>'
    )
    with running(embedding(body)) as theirs:
        page.goto(theirs)
        launcher = page.get_by_role("button", name="Ask the docs")
        assert launcher.evaluate(BACKGROUND) == "rgb(10, 125, 79)"
        launcher.click()
        assert panel(page).evaluate(BACKGROUND) == DARK


def test_reduced_motion_moves_nothing(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.url)
    page.keyboard.press("Control+k")
    assert panel(page).evaluate("one => getComputedStyle(one).animationName") == "none"
    context.close()


def test_the_page_keeps_its_own_styles_and_the_widget_its(page: Page, assistant: Site) -> None:
    body = (
        "<style>* { font-size: 40px !important; color: red } button { display: none }</style>"
        f'<p>Text</p><script src="{assistant.url}/widget.js"></script>'
    )
    with running(embedding(body)) as theirs:
        page.goto(theirs)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("button", name="Send")).to_be_visible()
        assert panel(page).evaluate("one => getComputedStyle(one).fontSize") == "15px"
        assert page.locator("p").first.evaluate("one => getComputedStyle(one).fontSize") == "40px"
