"""From a folder of docs to a cited answer on the page, by the commands that a newcomer runs."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reader import answers, ask, panel, question_sent

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

QUESTION = "How do I put the assistant on my own site?"
SECONDS_TO_ANSWER = 30_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the handbook."""
    folder = tmp_path_factory.mktemp("home")
    subprocess.run(
        [sys.executable, "-m", "ingest", "corpus", "--index", str(folder / "index")],
        check=True,
        env=environment(folder),
        capture_output=True,
    )
    return folder


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{home / 'threads.db'}",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def server(home: Path, *, port: int, **settings: str) -> Iterator[str]:
    """Run the server as `make serve` does, and give its address."""
    command = [sys.executable, "-m", "server", "--index", str(home / "index"), "--port", str(port)]
    process = subprocess.Popen(
        command,
        env=environment(home) | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _told_address(process)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _told_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://[\w.:]+", line):
            return found[0]
    raise AssertionError(f"The server ended without an address: {''.join(said)}")


def test_a_question_is_answered_cited_kept_and_there_after_a_restart(
    page: Page, home: Path
) -> None:
    with server(home, port=0) as url:
        page.goto(url)
        page.keyboard.press("Control+k")
        ask(page, QUESTION)
        expect(page.get_by_role("button", name="This answer helped")).to_be_visible(
            timeout=SECONDS_TO_ANSWER
        )
        expect(panel(page).locator("[aria-live=polite]")).to_contain_text("Searching the docs")
        expect(page.locator(".card").get_by_role("link").first).to_be_visible()
        citation = page.get_by_role("link", name="Source 1:").first
        source = citation.get_attribute("href") or ""
        assert source.startswith(f"{url}/docs/")
        anchor = unquote(urlsplit(source).fragment)

        citation.click()
        page.wait_for_url(source)
        heading = page.locator(f'[id="{anchor}"]')
        assert re.fullmatch(r"h[1-6]", heading.evaluate("one => one.localName"))
        expect(heading).to_be_in_viewport()
        expect(question_sent(page, QUESTION)).to_be_attached()
        shown = answers(page).inner_text()

        page.reload()
        expect(answers(page)).to_have_text(shown, use_inner_text=True)

    with server(home, port=urlsplit(url).port or 0):
        page.reload()
        expect(question_sent(page, QUESTION)).to_be_attached()
        expect(answers(page)).to_have_text(shown, use_inner_text=True)
        ask(page, "And in Docusaurus?")
        expect(answers(page)).to_have_count(2, timeout=SECONDS_TO_ANSWER)
        page.get_by_role("button", name="This answer helped").last.click(timeout=SECONDS_TO_ANSWER)
        page.get_by_role("button", name="Past conversations").click()
        rows = panel(page).get_by_role("listitem")
        expect(rows).to_have_count(1)
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("There are no past conversations yet.")).to_be_visible()


def test_every_citation_of_the_handbook_can_be_followed(page: Page, home: Path) -> None:
    """Each stored anchor is the id of an element on its page."""
    with server(home, port=0) as url:
        page.goto(url)
        addresses = page.locator(".pages a").evaluate_all("all => all.map(one => one.href)")
        assert len(addresses) == len(list(Path("corpus").glob("**/*.md")))
        for address in addresses:
            page.goto(address)
            targets = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
                "all => all.map(one => one.id)"
            )
            assert all(targets), address
            assert len(set(targets)) == len(targets), address


def test_where_tokens_are_needed_the_widget_gets_them(page: Page, home: Path) -> None:
    with server(home, port=0) as url:
        page.goto(url)
        page.keyboard.press("Control+k")
        ask(page, QUESTION)
        expect(answers(page)).to_have_count(1, timeout=SECONDS_TO_ANSWER)
        expect(page.get_by_role("button", name="This answer helped")).to_be_visible(
            timeout=SECONDS_TO_ANSWER
        )
        shown = answers(page).inner_text()
    secret = "7d1f0c2ba9e84365" * 4
    with server(home, port=urlsplit(url).port or 0, SESSION_SECRET=secret):
        page.reload()
        # The reader is the same by token as by key.
        expect(answers(page)).to_have_text(shown, use_inner_text=True)
        ask(page, "And in Docusaurus?")
        expect(answers(page)).to_have_count(2, timeout=SECONDS_TO_ANSWER)
