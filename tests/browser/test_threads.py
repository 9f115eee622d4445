"""Conversations are there again, can be found and left, and can be deleted."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel, question_sent
from tests.browser.scripted_backend import Refusal
from tests.browser.scripts import answer, cite

pytestmark = pytest.mark.browser


def ask_and_wait(page: Page, site: Site, question: str, text: str) -> None:
    site.backend.scripts.append(answer(text))
    ask(page, question)
    expect(answers(page).last).to_contain_text(text)
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_reload_brings_the_panel_and_the_conversation_back(asking: Page, site: Site) -> None:
    text = "It is **there**."
    site.backend.scripts.append(answer(text, cite(text, "**there**.", "/docs/guide", "Guide")))
    ask(asking, "Where?")
    expect(asking.locator(".cite")).to_have_text("1")
    asking.reload()
    expect(panel(asking)).to_be_visible()
    expect(question_sent(asking, "Where?")).to_be_visible()
    expect(answers(asking).locator("p")).to_have_text("It is there.1")


def test_a_restored_panel_leaves_the_focus_to_the_page(asking: Page) -> None:
    asking.reload()
    expect(panel(asking)).to_be_visible()
    assert asking.evaluate("document.activeElement === document.body")


def test_a_closed_panel_stays_closed(asking: Page) -> None:
    asking.get_by_role("button", name="Close").click()
    asking.reload()
    expect(asking.get_by_role("button", name="Ask the docs").last).to_be_visible()
    expect(panel(asking)).to_have_count(0)


def test_following_a_citation_lands_on_its_heading_beside_the_conversation(
    asking: Page, site: Site
) -> None:
    text = "Ask it."
    site.backend.scripts.append(answer(text, cite(text, "it.", "/docs/guide#asking", "Asking")))
    ask(asking, "How?")
    asking.get_by_role("link", name="Source 1: Asking").click()
    asking.wait_for_url("**/docs/guide#asking")
    expect(asking.locator("#asking")).to_be_in_viewport()
    expect(answers(asking)).to_contain_text("Ask it.")
    highlighted = "document.getElementById('asking').getAnimations().length"
    asking.wait_for_function(f"{highlighted} === 1")


def test_a_citation_of_the_page_itself_only_scrolls(asking: Page, site: Site) -> None:
    asking.goto(f"{site.url}/docs/guide")
    asking.evaluate("window.sameDocument = true")
    text = "Ask it."
    site.backend.scripts.append(answer(text, cite(text, "it.", "/docs/guide#asking", "Asking")))
    ask(asking, "How?")
    expect(asking.locator("#asking")).not_to_be_in_viewport()
    asking.get_by_role("link", name="Source 1: Asking").click()
    expect(asking.locator("#asking")).to_be_in_viewport()
    assert asking.url.endswith("/docs/guide#asking")
    assert asking.evaluate("window.sameDocument === true")


def test_the_conversation_is_where_the_reader_left_it(asking: Page, site: Site) -> None:
    site.backend.scripts.append(answer("\n\n".join(f"Paragraph {n}." for n in range(60)), size=99))
    ask(asking, "How?")
    expect(answers(asking)).to_contain_text("Paragraph 59.")
    expect(asking.get_by_role("button", name="Send")).to_be_visible()
    scroller = asking.get_by_role("log")
    scroller.evaluate("one => (one.scrollTop = 500)")
    asking.reload()
    expect(answers(asking)).to_be_visible()
    asking.wait_for_function(
        "document.querySelector('docs-assistant').shadowRoot"
        ".querySelector('[role=log]').scrollTop === 500"
    )


def test_a_new_conversation_leaves_the_old_one_in_the_history(asking: Page, site: Site) -> None:
    ask_and_wait(asking, site, "First?", "One.")
    asking.get_by_role("button", name="New conversation").click()
    expect(asking.get_by_text("What would you like to know?")).to_be_visible()
    ask_and_wait(asking, site, "Second?", "Two.")
    assert len(site.backend.threads) == 2
    asking.get_by_role("button", name="Past conversations").click()
    rows = panel(asking).get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Second?")
    rows.last.get_by_role("button", name="First?").first.click()
    expect(answers(asking)).to_have_text("One.")
    asking.reload()
    expect(answers(asking)).to_have_text("One.")


def test_the_history_is_shown_on_a_page_whose_language_is_none(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.evaluate("document.documentElement.lang = 'en_US'")
    page.keyboard.press("Control+k")
    ask_and_wait(page, site, "First?", "One.")
    page.get_by_role("button", name="Past conversations").click()
    expect(panel(page).get_by_role("listitem")).to_have_count(1)


def test_the_history_that_is_opened_twice_is_listed_once(asking: Page, site: Site) -> None:
    ask_and_wait(asking, site, "First?", "One.")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    asking.route("**/chatkit", hold)
    history = asking.get_by_role("button", name="Past conversations")
    with asking.expect_request("**/chatkit"):
        history.click()
    asking.get_by_role("button", name="Back to the conversation").click()
    with asking.expect_request("**/chatkit"):
        history.click()
    for route in held:
        with asking.expect_response("**/chatkit"):
            route.continue_()
    expect(panel(asking).get_by_role("listitem")).to_have_count(1)
    asking.wait_for_timeout(50)
    expect(panel(asking).get_by_role("listitem")).to_have_count(1)


def test_deleting_asks_once_and_forgets_the_open_conversation(asking: Page, site: Site) -> None:
    ask_and_wait(asking, site, "First?", "One.")
    asking.get_by_role("button", name="Past conversations").click()
    remove = asking.get_by_role("button", name="Delete “First?”")
    remove.click()
    assert len(site.backend.threads) == 1
    expect(remove).to_have_text("Delete?")
    remove.click()
    expect(asking.get_by_text("There are no past conversations yet.")).to_be_focused()
    assert site.backend.threads == {}
    asking.get_by_role("button", name="Back to the conversation").click()
    expect(asking.get_by_text("What would you like to know?")).to_be_visible()


def test_a_deletion_that_fails_is_told(asking: Page, site: Site) -> None:
    ask_and_wait(asking, site, "First?", "One.")
    asking.get_by_role("button", name="Past conversations").click()
    remove = asking.get_by_role("button", name="Delete “First?”")
    remove.click()
    site.backend.refusals.append(Refusal(503))
    remove.click()
    expect(asking.get_by_text("The conversation could not be deleted.")).to_be_visible()
    expect(panel(asking).get_by_role("listitem")).to_have_count(1)


def test_a_thread_that_is_gone_is_forgotten_without_a_word(asking: Page, site: Site) -> None:
    ask_and_wait(asking, site, "First?", "One.")
    site.backend.threads.clear()
    asking.reload()
    expect(asking.get_by_text("What would you like to know?")).to_be_visible()
    expect(panel(asking).get_by_role("alert")).to_have_count(0)


def test_a_question_in_a_thread_that_is_gone_starts_another(asking: Page, site: Site) -> None:
    ask_and_wait(asking, site, "First?", "One.")
    site.backend.threads.clear()
    ask_and_wait(asking, site, "Second?", "Two.")
    expect(question_sent(asking, "Second?")).to_have_count(1)
    expect(question_sent(asking, "First?")).to_have_count(0)
    assert len(site.backend.threads) == 1


def test_earlier_messages_of_a_long_thread_are_loaded_when_asked_for(
    asking: Page, site: Site
) -> None:
    for number in range(30):
        ask_and_wait(asking, site, f"Question {number}?", f"Answer {number}.")
    asking.reload()
    expect(answers(asking)).to_have_count(25)
    asking.get_by_role("button", name="Show earlier messages").click()
    expect(answers(asking)).to_have_count(30)
    expect(answers(asking).first).to_have_text("Answer 0.")
    expect(asking.get_by_role("button", name="Show earlier messages")).to_be_hidden()


def test_the_history_that_cannot_be_loaded_says_so(asking: Page, site: Site) -> None:
    site.backend.refusals.append(Refusal(500))
    asking.get_by_role("button", name="Past conversations").click()
    expect(asking.get_by_text("The past conversations could not be loaded.")).to_be_visible()


def test_blocked_storage_costs_memory_only(page: Page, site: Site) -> None:
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name,"
        " { get() { throw new DOMException('blocked', 'SecurityError'); } });"
    )
    page.goto(site.url)
    page.keyboard.press("Control+k")
    ask_and_wait(page, site, "First?", "One.")
    ask_and_wait(page, site, "Second?", "Two.")
    assert len(set(site.backend.authorizations)) == 1
    assert len(site.backend.threads) == 1
