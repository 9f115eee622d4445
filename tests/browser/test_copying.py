"""What the widget copies, of answers and their code."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.reader import ask, finished_answers
from tests.browser.scripts import answer, cite

pytestmark = pytest.mark.browser


def test_an_answer_is_copied_with_its_sources(asking: Page, site: Site) -> None:
    asking.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = "🎉 Press **it**."
    site.backend.scripts.append(answer(text, cite(text, "it**.", "https://a.example/b", "B")))
    ask(asking, "How?")
    asking.get_by_role("button", name="Copy the answer").click()
    expect(asking.get_by_text("Copied")).to_be_attached()
    copied = asking.evaluate("navigator.clipboard.readText()")
    assert copied == "🎉 Press **it**.[1]\n\n[1] B: https://a.example/b"


def test_what_is_copied_leads_to_the_docs_from_anywhere(asking: Page, site: Site) -> None:
    asking.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = "Press it."
    site.backend.scripts.append(answer(text, cite(text, "it.", "/docs/100%#asking", "The guide")))
    ask(asking, "How?")
    asking.get_by_role("button", name="Copy the answer").click()
    expect(asking.get_by_text("Copied")).to_be_attached()
    copied = asking.evaluate("navigator.clipboard.readText()")
    assert copied == f"Press it.[1]\n\n[1] The guide: {site.url}/docs/100%#asking"


def test_pages_without_tls_are_copied_from_as_well(page: Page, site: Site) -> None:
    # Browsers hide the clipboard from them.
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', {})")
    page.goto(site.url)
    page.keyboard.press("Control+k")
    site.backend.scripts.append(answer("Run:\n\n```sh\nmake all\n```\n"))
    ask(page, "How?")
    # Before, there is but a part of the code to copy.
    expect(finished_answers(page)).to_have_count(1)
    copy = page.locator(".copy-code")
    copy.click()
    # The button says so for a moment, what is announced stays.
    expect(page.locator(".unseen", has_text="Copied")).to_be_attached()
    expect(copy).to_be_focused()
    page.get_by_label("Your question").focus()
    page.keyboard.press("Control+v")
    expect(page.get_by_label("Your question")).to_have_value("make all")


def test_code_is_copied_alone(asking: Page, site: Site) -> None:
    asking.context.grant_permissions(["clipboard-read", "clipboard-write"])
    site.backend.scripts.append(answer("Run:\n\n```sh\nmake all\nmake check\n```\n"))
    ask(asking, "How?")
    expect(finished_answers(asking)).to_have_count(1)
    asking.get_by_role("button", name="Copy", exact=True).click()
    expect(asking.get_by_role("button", name="Copied")).to_be_visible()
    assert asking.evaluate("navigator.clipboard.readText()") == "make all\nmake check"
