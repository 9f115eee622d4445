"""The widget and the real server together, with a model that the test scripts."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from server.settings import ServerSettings
from tests.browser.reader import answers, ask, panel
from tests.contract.chatkit_server import Backend, scripted_backend
from tests.mock_openai import Call, Text
from tests.server.conftest import settings as settings  # noqa: PLC0414 - a fixture
from tests.server.test_version_questions import DOCS, QUESTION
from tests.server.test_version_questions import (
    versioned_index as versioned_index,  # noqa: PLC0414 - a fixture
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SECONDS_TO_ANSWER = 30_000


@pytest.fixture
def index_dir(versioned_index: object) -> object:
    return versioned_index


@pytest.fixture
def server(settings: ServerSettings) -> Iterator[Backend]:
    with scripted_backend(settings) as backend:
        yield backend


def told(server: Backend) -> str:
    """Return the last thing that the model was sent."""
    assert server.mock is not None
    return json.dumps(server.mock.requests[-1].json, ensure_ascii=False)


def test_all_that_a_reader_can_send_reaches_the_model(page: Page, server: Backend) -> None:
    page.goto(f"{server.url}/docs/1.x/install")
    page.locator("main p").first.select_text()
    page.keyboard.press("Control+k")
    expect(panel(page).locator(".composer .quoted")).to_contain_text("your package manager")
    log: FilePayload = {"name": "crash.log", "mimeType": "", "buffer": b"panic: out of jam"}
    page.get_by_role("button", name="Attach files").wait_for()
    page.locator("input[type=file]").set_input_files(log)
    expect(panel(page).locator(".composer .file-chip")).to_have_text("crash.log17 B")
    expect(panel(page).get_by_role("progressbar")).to_have_count(0)
    field = page.get_by_label("Your question")
    field.press_sequentially("What of @Dock")
    page.get_by_role("option", name="Docker").click()
    field.press_sequentially("then?")
    server.script.append(Text("This of it."))
    field.press("Enter")
    expect(answers(page)).to_contain_text("This of it.", timeout=SECONDS_TO_ANSWER)
    sent = told(server)
    assert "Install it with your package manager." in sent
    assert "panic: out of jam" in sent
    assert "Run the published image" in sent
    page.reload()
    asked = panel(page).locator(".question")
    expect(asked.locator(".tag")).to_have_text("Docker")
    expect(asked.locator(".file-chip")).to_have_text("crash.log")
    expect(asked.locator("blockquote")).to_contain_text("your package manager")


def test_the_model_opens_a_page_and_goes_on(page: Page, server: Backend) -> None:
    page.goto(server.url)
    page.keyboard.press("Control+k")
    opening = Call("open_page", {"url": "/docs/2.x/docker", "heading": "Docker"})
    server.script.extend([opening, Text("Here it is.")])
    ask(page, "Show me the page on Docker")
    page.wait_for_url("**/docs/2.x/docker*", timeout=SECONDS_TO_ANSWER)
    expect(answers(page)).to_contain_text("Here it is.", timeout=SECONDS_TO_ANSWER)
    expect(panel(page).get_by_role("link", name="Opened “Docker”")).to_be_visible()
    assert "opened" in told(server)


def test_the_reader_is_asked_which_version_once(page: Page, server: Backend) -> None:
    page.goto(server.url)
    page.keyboard.press("Control+k")
    server.script.append(Call("search_docs", {"query": QUESTION}))
    ask(page, QUESTION)
    group = panel(page).get_by_role("group", name="Which version?")
    group.get_by_role("radio", name="2.x").check(timeout=SECONDS_TO_ANSWER)
    server.script.extend(
        [Call("search_docs", {"query": QUESTION}), Text("Until it is too old [1].")]
    )
    panel(page).get_by_role("button", name="Continue").click()
    expect(answers(page).last).to_contain_text("too old", timeout=SECONDS_TO_ANSWER)
    expect(panel(page).get_by_role("definition")).to_have_text("2.x")
    assert "gromit.toml" in DOCS["2.x/retries.md"]
    assert "gromit.ini" not in told(server).split("function_call_output")[-1]


def test_the_card_of_sources_is_changed_by_the_server(page: Page, server: Backend) -> None:
    page.goto(f"{server.url}/docs/1.x/install")
    page.keyboard.press("Control+k")
    server.script.extend([Call("search_docs", {"query": QUESTION}), Text("Often [1].")])
    ask(page, QUESTION)
    card = panel(page).locator(".card")
    expect(card.get_by_role("link")).to_have_count(1, timeout=SECONDS_TO_ANSWER)
    card.get_by_role("button", name="Show more sources").click()
    expect(card.get_by_role("link").nth(1)).to_be_visible()
    card.get_by_role("button", name="Not what I meant").click()
    other = card.get_by_role("button", name="What do the docs say about").first
    server.script.append(Text("They say this."))
    other.click()
    expect(answers(page).last).to_contain_text("They say this.", timeout=SECONDS_TO_ANSWER)
