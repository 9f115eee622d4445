"""Sites made by the generators of the handbook, with the handbook's own lines in their settings."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, Page, expect

from server.site import site_router
from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel
from tests.browser.scripted_backend import ScriptedBackend
from tests.browser.scripts import answer, cite
from tests.server.serving import running

pytestmark = pytest.mark.browser

HANDBOOK = Path("corpus/embedding-the-widget.md")
ADDRESS = "https://assistant.example.com"


def snippet(generator: str, assistant: str) -> str:
    """Return the lines that the handbook has for a generator, for an assistant that is here."""
    text = HANDBOOK.read_text("utf-8")
    found = re.search(rf"^## {generator}\n.*?^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert ADDRESS in found[1]
    return found[1].replace(ADDRESS, assistant)


@pytest.fixture
def assistant() -> Iterator[Site]:
    """An assistant that other sites may embed, their cookies included."""
    backend = ScriptedBackend()
    app = FastAPI()
    app.add_middleware(
        CORSMiddleware,
        allow_origin_regex=r"http://127\.0\.0\.1:\d+",
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
        allow_credentials=True,
    )
    app.include_router(site_router())
    app.include_router(backend.router())
    with running(app) as url:
        yield Site(url=url, backend=backend)


@pytest.fixture
def foreign_page(chromium: Browser) -> Iterator[Page]:
    """A page whose own scripts may fail: themes load some from elsewhere."""
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(5_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.stack or ""))
    yield page
    context.close()
    assert [stack for stack in errors if "widget.js" in stack] == []


def mkdocs(folder: Path, assistant: str) -> Path:
    docs = folder / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Widgets\n\n" + "Some text.\n\n" * 40 + "## Use it\n\nSo.\n")
    settings = f"site_name: Theirs\nsite_dir: {folder}/out\n{snippet('MkDocs', assistant)}"
    (folder / "mkdocs.yml").write_text(settings)
    build("mkdocs", "build", "-q", "-f", str(folder / "mkdocs.yml"))
    return folder / "out"


def sphinx(folder: Path, assistant: str) -> Path:
    (folder / "index.rst").write_text(
        "Widgets\n=======\n\n" + "Some text.\n\n" * 40 + "Use it\n------\n\nSo.\n"
    )
    (folder / "conf.py").write_text(f'project = "Theirs"\n{snippet("Sphinx", assistant)}')
    build("sphinx", "-q", "-b", "html", str(folder), str(folder / "out"))
    return folder / "out"


def build(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("generator", [mkdocs, sphinx])
def test_a_built_site_has_the_assistant(
    foreign_page: Page, assistant: Site, tmp_path: Path, generator: Callable[[Path, str], Path]
) -> None:
    page = foreign_page
    theirs = FastAPI()
    theirs.mount("/", StaticFiles(directory=generator(tmp_path, assistant.url), html=True))
    with running(theirs) as url:
        page.goto(url)
        page.get_by_role("button", name="Ask the docs").click()
        text = "Like this."
        source = cite(text, "this.", f"{url}/index.html#use-it", "Use it")
        assistant.backend.scripts.append(answer(text, source))
        ask(page, "How?")
        expect(answers(page)).to_contain_text("Like this.")
        assert assistant.backend.requests[-1]["metadata"]["page_url"] == f"{url}/"
        page.get_by_role("link", name="Source 1: Use it").click()
        page.wait_for_url("**/index.html#use-it")
        expect(page.locator("#use-it")).to_be_in_viewport()
        expect(panel(page)).to_contain_text("Like this.")


@pytest.mark.parametrize("generator", ["Docusaurus", "VitePress"])
def test_the_lines_of_the_others_name_the_script(generator: str) -> None:
    lines = snippet(generator, ADDRESS)
    assert re.search(r"\bdefer\b", lines)
    assert f'"{ADDRESS}/widget.js"' in lines


@pytest.mark.parametrize(("attribute", "sent"), [("", ""), ('data-credentials="include"', "id=7")])
def test_cookies_of_a_domain_go_along_only_where_the_tag_says_so(
    page: Page, assistant: Site, attribute: str, sent: str
) -> None:
    theirs = FastAPI()
    tag = f'<!doctype html><title>T</title><script src="{assistant.url}/widget.js" {attribute}>'

    @theirs.get("/")
    def home() -> HTMLResponse:
        return HTMLResponse(f"{tag}</script>", headers={"Set-Cookie": "id=7; SameSite=Lax"})

    with running(theirs) as url:
        page.goto(url)
        page.keyboard.press("Control+k")
        assistant.backend.scripts.append(answer("So."))
        ask(page, "How?")
        expect(answers(page)).to_contain_text("So.")
        assert assistant.backend.cookies == [sent]


def test_the_page_tells_its_language_and_version(page: Page, assistant: Site) -> None:
    theirs = FastAPI()

    @theirs.get("/")
    def home() -> HTMLResponse:
        return HTMLResponse(
            '<!doctype html><html lang="de-CH"><title>T</title>'
            '<meta name="docsearch:version" content="2.1">'
            f'<script src="{assistant.url}/widget.js"></script>'
        )

    with running(theirs) as url:
        page.goto(url)
        page.keyboard.press("Control+k")
        assistant.backend.scripts.extend([answer("So."), answer("Yes.")])
        ask(page, "Wie?")
        expect(answers(page)).to_contain_text("So.")
        page.evaluate("document.querySelector('docs-assistant').dataset.version = '3'")
        ask(page, "Wirklich?")
        expect(answers(page).last).to_contain_text("Yes.")
        told = [request["metadata"] for request in assistant.backend.requests]
        assert [one["locale"] for one in told] == ["de-CH", "de-CH"]
        assert [one["version"] for one in told] == ["2.1", "3"]


def test_a_page_that_runs_from_right_to_left_is_mirrored(page: Page, assistant: Site) -> None:
    theirs = FastAPI()

    @theirs.get("/")
    def home() -> HTMLResponse:
        return HTMLResponse(
            '<!doctype html><html lang="ar" dir="rtl"><title>T</title>'
            f'<p>نص</p><script src="{assistant.url}/widget.js"></script>'
        )

    with running(theirs) as url:
        page.goto(url)
        page.keyboard.press("Control+k")
        text = "اضغط الزر.\n\n- Press it in English.\n\n```sh\nmake\n```\n"
        assistant.backend.scripts.append(answer(text))
        ask(page, "كيف؟")
        expect(answers(page)).to_contain_text("Press it")
        expect(page.get_by_role("button", name="This answer helped")).to_be_visible()
        middle = "one => { const box = one.getBoundingClientRect(); return box.x + box.width / 2 }"
        center = panel(page).evaluate(middle)
        assert page.get_by_role("button", name="Close").evaluate(middle) < center
        assert page.get_by_role("button", name="Send").evaluate(middle) < center
        assert page.locator(".question").evaluate(middle) < center
        overflow = "one => one.scrollWidth - one.clientWidth"
        assert page.get_by_role("log").evaluate(overflow) == 0
        # A sentence in another script keeps its own direction.
        first = answers(page).locator("p").first
        english = answers(page).locator("li")
        assert first.evaluate("one => getComputedStyle(one).unicodeBidi") == "plaintext"
        assert english.evaluate("one => getComputedStyle(one).unicodeBidi") == "plaintext"
        code = answers(page).locator("pre")
        assert code.evaluate("one => getComputedStyle(one).direction") == "ltr"
