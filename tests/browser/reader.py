"""What a reader does with the panel, in the words of the browser tests."""

from playwright.sync_api import Locator, Page


def ask(page: Page, question: str) -> None:
    """Write a question and send it, as soon as the answer before it is whole."""
    page.get_by_label("Your question").fill(question)
    page.locator(".send:not([aria-disabled=true]) .icon-send").wait_for()
    page.keyboard.press("Enter")


def answers(page: Page) -> Locator:
    """The answers that are on screen."""
    return page.get_by_role("article", name="Answer")


def finished_answers(page: Page) -> Locator:
    """The answers that are whole, after which the next question can be sent."""
    return answers(page).filter(has=page.get_by_role("button", name="Copy the answer"))


def panel(page: Page) -> Locator:
    """The open panel."""
    return page.get_by_role("dialog")


def question_sent(page: Page, text: str) -> Locator:
    """A question that is shown in the conversation."""
    return page.locator(".question", has_text=text)
