"""A real Chromium, and the widget on a page of a server whose answers the test scripts."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from server.site import site_router
from tests.browser.pages import PAGES
from tests.browser.scripted_backend import ScriptedBackend
from tests.contract.page_index import PageIndex
from tests.server.serving import running


@dataclass(frozen=True)
class Site:
    """A docs site with the widget on it."""

    url: str
    backend: ScriptedBackend


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        # Chromium's sandbox can't be set up by root, as whom containers run.
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_site() -> Iterator[Site]:
    backend = ScriptedBackend()
    app = FastAPI()
    app.state.resources = SimpleNamespace(index=PageIndex(PAGES))
    app.include_router(site_router())
    app.include_router(backend.router())
    with running(app) as url:
        yield Site(url=url, backend=backend)


@pytest.fixture
def site(shared_site: Site) -> Site:
    """The docs site, whose backend knows nothing of other tests."""
    shared_site.backend.forget()
    return shared_site


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile, which fails the test for any error in its console."""
    expect.set_options(timeout=5_000)
    context = chromium.new_context(
        viewport={"width": 1280, "height": 860},
        # Nothing has to be waited for until it stands still.
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(5_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def asking(page: Page, site: Site) -> Page:
    """The docs' start page with the panel open."""
    page.goto(site.url)
    page.get_by_role("button", name="Ask the docs").last.click()
    return page
