"""What a reader can put into a question besides words: mentions, files, and text of the page."""

import re
import struct
import threading
import zlib

import pytest
from chatkit.types import FileAttachment
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel, question_sent
from tests.browser.scripted_backend import Refusal
from tests.browser.scripted_files import LIMITS
from tests.browser.scripts import answer

pytestmark = pytest.mark.browser

PAGES = [("/docs/guide", "Guide"), ("/docs/", "Handbook"), ("/docs/guide-2", "Guide to all of it")]


def png(side: int) -> bytes:
    """Make a grey picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + end

    rows = (b"\0" + b"\x80" * side) * side
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def file(name: str, content: bytes = b"text", type_: str = "") -> FilePayload:
    return {"name": name, "mimeType": type_, "buffer": content}


@pytest.fixture
def mentioning(asking: Page, site: Site) -> Page:
    """The panel of a backend that has pages to mention."""
    site.backend.pages = PAGES
    return asking


@pytest.fixture
def attaching(page: Page, site: Site) -> Page:
    """The panel of a backend that takes files."""
    site.backend.files.limits = LIMITS
    page.goto(site.url)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("button", name="Attach files")).to_be_visible()
    return page


def test_a_page_is_mentioned_by_the_keyboard(mentioning: Page, site: Site) -> None:
    field = mentioning.get_by_label("Your question")
    field.press_sequentially("What is in @gui")
    options = mentioning.get_by_role("listbox", name="Pages of the docs").get_by_role("option")
    expect(options).to_have_count(2)
    expect(field).to_have_role("combobox")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(options.last).to_have_attribute("aria-selected", "true")
    active = options.last.get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", active or "")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("What is in @Guide ")
    expect(options).to_have_count(0)
    expect(field).to_have_role("textbox")
    expect(mentioning.locator(".marks mark")).to_have_text("@Guide")
    site.backend.scripts.append(answer("All of it."))
    field.press_sequentially("then?")
    field.press("Enter")
    expect(answers(mentioning)).to_contain_text("All of it.")
    data = {"url": "/docs/guide", "path": "docs/guide"}
    tag = {"type": "input_tag", "id": "/docs/guide", "text": "Guide", "data": data}
    assert site.backend.last_input()["content"] == [
        {"type": "input_text", "text": "What is in "},
        {**tag, "interactive": True},
        {"type": "input_text", "text": " then?"},
    ]
    chip = mentioning.locator(".question").get_by_role("link", name="Guide")
    assert chip.get_attribute("href") == f"{site.url}/docs/guide"
    mentioning.reload()
    expect(mentioning.locator(".question .tag")).to_have_text("Guide")


def test_a_mention_is_taken_back_as_one_character(mentioning: Page, site: Site) -> None:
    field = mentioning.get_by_label("Your question")
    field.press_sequentially("@hand")
    mentioning.get_by_role("option", name="Handbook").click()
    expect(field).to_have_value("@Handbook ")
    expect(field).to_be_focused()
    field.press("Backspace")
    expect(mentioning.locator(".marks mark")).to_have_text("@Handbook")
    field.press("Backspace")
    expect(field).to_have_value("")
    expect(mentioning.locator(".marks mark")).to_have_count(0)


def test_several_pages_are_mentioned_and_none_of_the_message_before(
    mentioning: Page, site: Site
) -> None:
    field = mentioning.get_by_label("Your question")
    for name in ("Guide to all of it", "Guide"):
        field.press_sequentially("@gu")
        mentioning.get_by_role("option").filter(has_text=re.compile(f"^{name}docs")).click()
        expect(field).to_have_value(re.compile(f"@{name} $"))
    site.backend.scripts.extend([answer("Both."), answer("None.")])
    field.press("Enter")
    expect(answers(mentioning)).to_contain_text("Both.")
    first, between, second = site.backend.last_input()["content"]
    assert (first["text"], between["text"], second["text"]) == ("Guide to all of it", " ", "Guide")
    ask(mentioning, "An @Guide of words")
    expect(answers(mentioning)).to_have_count(2)
    (only,) = site.backend.last_input()["content"]
    assert only["type"] == "input_text"


def test_escape_closes_the_pages_before_the_panel(mentioning: Page, site: Site) -> None:
    field = mentioning.get_by_label("Your question")
    field.press_sequentially("@")
    expect(mentioning.get_by_role("option")).to_have_count(3)
    field.press("Escape")
    expect(mentioning.get_by_role("option")).to_have_count(0)
    expect(panel(mentioning)).to_be_visible()
    # An address is no mention.
    searched = len(site.backend.searched)
    site.backend.scripts.append(answer("So."))
    ask(mentioning, "write to me@guide")
    expect(answers(mentioning)).to_contain_text("So.")
    assert len(site.backend.searched) == searched


def test_no_button_for_files_where_none_are_taken(asking: Page) -> None:
    asking.wait_for_load_state("networkidle")
    expect(asking.get_by_role("button", name="Attach files")).to_have_count(0)


def test_a_file_is_sent_with_its_question_and_shown_in_it(attaching: Page, site: Site) -> None:
    files = site.backend.files
    files.gate = threading.Event()
    attaching.locator("input[type=file]").set_input_files(file("build.LOG", b"it failed"))
    attaching.get_by_label("Your question").fill("Why?")
    expect(attaching.get_by_role("progressbar", name="Sending build.LOG")).to_be_visible()
    # What is on its way is waited for.
    attaching.keyboard.press("Enter")
    expect(attaching.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "true")
    files.gate.set()
    expect(attaching.get_by_role("progressbar")).to_have_count(0)
    site.backend.scripts.append(answer("Because."))
    attaching.get_by_role("button", name="Send").click()
    expect(answers(attaching)).to_contain_text("Because.")
    assert site.backend.last_input()["attachments"] == ["file_1"]
    assert files.contents == {"file_1": b"it failed"}
    kept = files.attachments["file_1"]
    assert isinstance(kept, FileAttachment)
    assert kept.mime_type == "text/plain"
    expect(attaching.locator(".composer .file-chip")).to_have_count(0)
    expect(attaching.locator(".question .file-chip")).to_have_text("build.LOG")


def test_pasted_and_dropped_files_are_taken_and_can_be_removed(attaching: Page, site: Site) -> None:
    transfer = """([name, type, bytes]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
        return transfer;
    }"""
    picture = attaching.evaluate_handle(transfer, ["shot.png", "image/png", list(png(8))])
    field = attaching.get_by_label("Your question")
    field.evaluate(
        "(field, clipboardData) => field.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))",
        picture,
    )
    chips = attaching.locator(".composer .file-chip")
    expect(chips).to_have_count(1)
    # It is drawn without a link that a site's policy might refuse.
    expect(chips.locator("canvas")).to_be_visible()
    notes = attaching.evaluate_handle(transfer, ["notes.md", "", list(b"# Notes")])
    composer = attaching.locator(".composer")
    composer.dispatch_event("dragover", {"dataTransfer": notes})
    expect(composer).to_have_class("composer dropping")
    composer.dispatch_event("drop", {"dataTransfer": notes})
    expect(chips).to_have_count(2)
    expect(attaching.get_by_role("progressbar")).to_have_count(0)
    attaching.get_by_role("button", name="Remove notes.md").click()
    expect(chips).to_have_count(1)
    site.backend.scripts.append(answer("Nice."))
    ask(attaching, "What is this?")
    expect(answers(attaching)).to_contain_text("Nice.")
    assert site.backend.last_input()["attachments"] == ["file_1"]
    assert site.backend.files.deleted == ["notes.md"]
    attaching.reload()
    # Read with the reader's own credential, as no link to it would be.
    expect(attaching.locator(".question .file-chip canvas")).to_be_visible()


def test_refused_files_are_told_and_the_question_can_be_sent_without(
    attaching: Page, site: Site
) -> None:
    chosen = attaching.locator("input[type=file]")
    told = attaching.locator(".refusal")
    chosen.set_input_files(file("film.mp4", b"x", "video/mp4"))
    expect(told).to_contain_text("“film.mp4” can’t be attached")
    chosen.set_input_files(file("big.txt", b"x" * 50_001))
    expect(told).to_contain_text("“big.txt” is too large: a file may have 50 kB.")
    chosen.set_input_files(file("void.txt", b""))
    expect(told).to_contain_text("“void.txt” is empty.")
    site.backend.files.refusal = "The file is not of the type that it names."
    chosen.set_input_files(file("fake.png", b"x", "image/png"))
    expect(told).to_contain_text("The file is not of the type that it names.")
    site.backend.refusals.append(Refusal(503, message="Not just now."))
    chosen.set_input_files(file("late.txt"))
    expect(told).to_contain_text("Not just now.")
    site.backend.files.refusal = ""
    chosen.set_input_files([file(f"{number}.txt") for number in range(3)])
    expect(told).to_contain_text("A message can carry 2 files.")
    expect(attaching.locator(".composer .file-chip")).to_have_count(2)
    expect(attaching.get_by_role("progressbar")).to_have_count(0)
    site.backend.scripts.append(answer("So."))
    ask(attaching, "Why?")
    expect(answers(attaching)).to_contain_text("So.")
    assert len(site.backend.last_input()["attachments"]) == 2


def test_a_question_given_back_has_all_that_went_with_it(attaching: Page, site: Site) -> None:
    site.backend.pages = PAGES
    attaching.locator("input[type=file]").set_input_files(file("a.txt"))
    field = attaching.get_by_label("Your question")
    field.press_sequentially("See @hand")
    attaching.get_by_role("option", name="Handbook").click()
    expect(attaching.get_by_role("progressbar")).to_have_count(0)
    attaching.route("**/chatkit", lambda _: None)
    field.press("Enter")
    attaching.get_by_role("button", name="Stop answering").click()
    expect(field).to_have_value("See @Handbook")
    expect(attaching.locator(".composer .file-chip")).to_have_text("a.txt4 B")
    attaching.unroute("**/chatkit")
    site.backend.scripts.append(answer("Seen."))
    attaching.get_by_role("button", name="Send").click()
    expect(answers(attaching)).to_contain_text("Seen.")
    sent = site.backend.last_input()
    assert [part["type"] for part in sent["content"]] == ["input_text", "input_tag"]
    assert sent["attachments"] == ["file_1"]


SELECT = """selector => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector(selector));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


def test_selected_text_can_be_asked_about(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/docs/guide")
    button = page.get_by_role("button", name="Ask about this")
    page.evaluate(SELECT, "nav.pages")
    page.evaluate(SELECT, "#asking")
    expect(button).to_be_hidden()
    page.locator("#asking").scroll_into_view_if_needed()
    page.evaluate(SELECT, "#asking + p")
    expect(button).to_be_in_viewport(ratio=1)
    button.click()
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(button).to_be_hidden()
    quoted = panel(page).locator(".composer .quoted")
    expect(quoted).to_contain_text("The panel opens beside the page")
    site.backend.scripts.append(answer("It stays open."))
    ask(page, "Does it?")
    expect(answers(page)).to_contain_text("It stays open.")
    text = site.backend.last_input()["quoted_text"]
    assert text.startswith("The panel opens beside the page and stays open while you read.")
    expect(question_sent(page, "Does it?").locator("blockquote")).to_have_text(text)
    expect(quoted).to_be_hidden()
    # The next question refers to nothing, unless the reader says so again.
    page.evaluate(SELECT, "#asking + p")
    page.keyboard.press("Control+k")
    page.get_by_role("button", name="Remove the quotation").click()
    site.backend.scripts.append(answer("Yes."))
    ask(page, "Really?")
    expect(answers(page)).to_have_count(2)
    assert "quoted_text" not in site.backend.last_input()


def test_the_button_at_selections_can_be_switched_off(page: Page, site: Site) -> None:
    page.route(
        "**/widget.js",
        lambda route: route.fulfill(
            response=(got := route.fetch()),
            body="document.currentScript.dataset.selection = 'off';" + got.text(),
        ),
    )
    page.goto(f"{site.url}/docs/guide")
    page.evaluate(SELECT, "#asking + p")
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.get_by_role("button", name="Ask about this")).to_be_hidden()
    expect(panel(page).locator(".composer .quoted")).to_be_hidden()
