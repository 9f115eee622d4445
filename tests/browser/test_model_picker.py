"""A reader chooses the model that answers, where there are several."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, finished_answers, panel
from tests.browser.scripted_backend import Refusal
from tests.browser.scripts import answer

pytestmark = pytest.mark.browser

MODELS = ["quick", "thorough", "endpoint/a-model-with-a-name-that-is-much-longer-than-others"]


@pytest.fixture
def choosing(page: Page, site: Site) -> Page:
    """The panel of a backend that offers several models."""
    site.backend.models = MODELS
    page.goto(site.url)
    page.keyboard.press("Control+k")
    expect(picker(page)).to_be_visible()
    return page


def picker(page: Page) -> Locator:
    return panel(page).get_by_role("combobox", name="Model")


def sent_options(site: Site) -> object:
    return site.backend.last_input()["inference_options"]


def test_no_picker_for_a_backend_of_one_model(page: Page, site: Site) -> None:
    site.backend.models = MODELS[:1]
    with page.expect_response("**/features"):
        page.goto(site.url)
        page.keyboard.press("Control+k")
    expect(page.get_by_label("Your question")).to_be_visible()
    expect(picker(page)).to_have_count(0)


def test_the_model_is_chosen_by_the_keyboard_and_remembered(choosing: Page, site: Site) -> None:
    expect(picker(choosing)).to_have_value("quick")
    site.backend.scripts.extend([answer("Soon."), answer("Later."), answer("Once more.")])
    ask(choosing, "When?")
    expect(finished_answers(choosing)).to_have_count(1)
    # The backend's own choice stays its own.
    assert sent_options(site) == {}
    # After the button that sends.
    choosing.get_by_label("Your question").fill("And then?")
    choosing.keyboard.press("Tab")
    choosing.keyboard.press("Tab")
    expect(picker(choosing)).to_be_focused()
    choosing.keyboard.press("ArrowDown")
    expect(picker(choosing)).to_have_value("thorough")
    choosing.get_by_label("Your question").press("Enter")
    expect(finished_answers(choosing)).to_have_count(2)
    assert sent_options(site) == {"model": "thorough"}

    choosing.reload()
    expect(finished_answers(choosing)).to_have_count(2)
    expect(picker(choosing)).to_have_value("thorough")
    # A new conversation begins with what the reader chose last, a question asked by a script too.
    choosing.get_by_role("button", name="New conversation").click()
    expect(picker(choosing)).to_have_value("thorough")
    choosing.locator("docs-assistant").evaluate("element => element.ask('Once more?')")
    expect(answers(choosing)).to_contain_text("Once more.")
    assert sent_options(site) == {"model": "thorough"}


def test_a_conversation_goes_on_with_its_own_model(choosing: Page, site: Site) -> None:
    site.backend.scripts.extend([answer("One."), answer("Two.")])
    ask(choosing, "First?")
    expect(finished_answers(choosing)).to_contain_text("One.")
    choosing.get_by_role("button", name="New conversation").click()
    picker(choosing).select_option("thorough")
    ask(choosing, "Second?")
    expect(finished_answers(choosing)).to_contain_text("Two.")
    expect(picker(choosing)).to_have_value("thorough")
    choosing.get_by_role("button", name="Past conversations").click()
    choosing.locator(".history li").last.get_by_role("button").first.click()
    expect(answers(choosing)).to_contain_text("One.")
    expect(picker(choosing)).to_have_value("quick")


def test_a_refused_model_is_told_and_the_question_given_back(choosing: Page, site: Site) -> None:
    site.backend.scripts.append(answer("A line.\n\n" * 40))
    ask(choosing, "What?")
    expect(finished_answers(choosing)).to_have_count(1)
    picker(choosing).select_option("thorough")
    site.backend.refusals.append(Refusal(400, code="unknown_model"))
    ask(choosing, "Why?")
    told = choosing.get_by_role("alert")
    expect(told).to_contain_text("This model is not offered any more.")
    expect(told).to_be_in_viewport(ratio=1)
    expect(choosing.get_by_label("Your question")).to_have_value("Why?")
    expect(picker(choosing)).to_have_value("quick")
    expect(picker(choosing).get_by_role("option")).to_have_count(2)
    site.backend.scripts.append(answer("Because."))
    choosing.get_by_label("Your question").press("Enter")
    expect(answers(choosing).last).to_contain_text("Because.")
    expect(told).to_have_count(0)
    assert sent_options(site) == {}


def test_a_long_name_fits_a_narrow_screen(choosing: Page) -> None:
    choosing.set_viewport_size({"width": 320, "height": 560})
    picker(choosing).select_option(MODELS[-1])
    expect(picker(choosing)).to_be_in_viewport(ratio=1)
    inside = "element => element.scrollWidth <= element.clientWidth"
    assert panel(choosing).evaluate(inside)
    assert panel(choosing).locator(".composer").evaluate(inside)
