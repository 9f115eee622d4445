"""A real Chromium, and the widget on a page of a server whose answers the test scripts."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from server.site import site_router
from tests.browser.pages import PAGES
from tests.browser.scripted_backend import ScriptedBackend
from tests.contract.page_index import PageIndex

SECONDS_TO_START = 10


@dataclass(frozen=True)
class Site:
    """A docs site with the widget on it."""

    url: str
    backend: ScriptedBackend


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port, from a thread, and give its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + SECONDS_TO_START
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield "http://{}:{}".format(*listener.getsockname())
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


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


@pytest.fixture
def site() -> Iterator[Site]:
    backend = ScriptedBackend()
    app = FastAPI()
    app.state.resources = SimpleNamespace(index=PageIndex(PAGES))
    app.include_router(site_router())
    app.include_router(backend.router())
    with serving(app) as url:
        yield Site(url=url, backend=backend)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile, which fails the test for any error in its console."""
    expect.set_options(timeout=5_000)
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
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
