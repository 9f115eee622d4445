"""Nothing that a backend or a page of the docs says becomes code, markup or a request."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel
from tests.browser.scripts import answer, cite, sources_card, streamed_answer, widget

pytestmark = pytest.mark.browser

ATTACKS = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "[click](javascript:window.pwned=1)",
    "[click](JaVaScRiPt:window.pwned=1)",
    "[click](\tjavascript:window.pwned=1)",
    "[click](java&#115;cript:window.pwned=1)",
    "[click](data:text/html,<script>window.pwned=1</script>)",
    "<javascript:window.pwned=1>",
    "![pixel](https://tracker.example/pixel.png)",
    "[x](https://a.example/\"onmouseover='window.pwned=1')",
    '```"><script>window.pwned = 1</script>\ncode\n```',
    "| <img src=x onerror=window.pwned=1> |\n|---|\n| <svg onload=window.pwned=1> |",
    "# <iframe srcdoc='<script>parent.pwned=1</script>'>",
    "[vb](vbscript:msgbox(1)) [f](file:///etc/passwd) [b](blob:https://a.example/1)",
]


def panel_html(page: Page) -> list[str]:
    """Name every element in the panel that could run or load something, and every odd link."""
    found: list[str] = panel(page).evaluate(
        """panel => [...panel.querySelectorAll("*")].flatMap(one => [
             ...(/^(script|iframe|img|object|embed|style|link|form|video)$/i.test(one.localName)
                 && !one.matches(".composer") ? [one.localName] : []),
             ...[...one.attributes].filter(({ name }) => /^on/.test(name)).map(({ name }) => name),
             ...(one.localName === "a" && !/^(https?|mailto):/.test(one.href) ? [one.href] : []),
           ])"""
    )
    return found


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_is_text(asking: Page, site: Site, attack: str) -> None:
    requested: list[str] = []
    asking.on("request", lambda request: requested.append(request.url))
    site.backend.scripts.append(answer(f"Before\n\n{attack}\n\nafter.", size=4))
    ask(asking, attack)
    expect(asking.get_by_role("button", name="This answer helped")).to_be_visible()
    assert panel_html(asking) == []
    assert asking.evaluate("window.pwned") is None
    assert [url for url in requested if not url.startswith(site.url)] == []


def test_sources_with_hostile_titles_and_addresses_lead_nowhere(asking: Page, site: Site) -> None:
    text = "Read this."
    hostile = "<img src=x onerror='window.pwned = 1'>"
    card = sources_card((hostile, hostile, "javascript:window.pwned=1"))
    site.backend.scripts.append(
        lambda turn: iter(
            [
                widget(turn, card),
                *streamed_answer(
                    turn,
                    [text],
                    [
                        cite(text, "Read", "javascript:window.pwned=1", hostile),
                        cite(text, "this.", "data:text/html,x", hostile),
                    ],
                ),
            ]
        )
    )
    ask(asking, "What?")
    marks = asking.locator(".cite")
    expect(marks).to_have_text(["1", "2"])
    assert marks.evaluate_all("all => all.map(one => one.localName)") == ["span", "span"]
    marks.first.hover()
    expect(asking.locator(".preview")).to_contain_text(hostile)
    asking.get_by_role("button", name=hostile).click()
    assert panel_html(asking) == []
    assert asking.evaluate("window.pwned") is None


def test_pictures_of_a_card_come_from_known_hosts_only(asking: Page, site: Site) -> None:
    requested: list[str] = []
    asking.on("request", lambda request: requested.append(request.url))
    root = {
        "type": "Card",
        "children": [
            {"type": "Image", "src": "https://tracker.example/pixel.png", "alt": "A chart"},
            {"type": "Image", "src": "/icon.svg", "alt": "The icon"},
        ],
    }
    site.backend.scripts.append(lambda turn: iter([widget(turn, root)]))
    ask(asking, "What?")
    expect(asking.get_by_role("img", name="The icon")).to_be_visible()
    expect(asking.locator(".card")).to_contain_text("A chart")
    assert [url for url in requested if "tracker" in url] == []


def test_titles_in_the_history_are_text(asking: Page, site: Site) -> None:
    attack = "<img src=x onerror='window.pwned = 1'>"
    site.backend.scripts.append(answer("So."))
    ask(asking, attack)
    expect(answers(asking)).to_contain_text("So.")
    asking.get_by_role("button", name="Past conversations").click()
    expect(panel(asking).get_by_role("listitem")).to_contain_text(attack)
    assert panel_html(asking) == []
    assert asking.evaluate("window.pwned") is None


def test_an_endless_nesting_is_shown_and_breaks_nothing(asking: Page, site: Site) -> None:
    nested = "*a _b " * 1000 + "deep" + " b_ a*" * 1000
    text = "> " * 3000 + nested + "*" * 3000 + "[" * 3000 + "\n\n" + "- " * 3000 + "x"
    site.backend.scripts.append(answer(text, size=4000))
    ask(asking, "What?")
    expect(answers(asking)).to_contain_text("deep", timeout=20_000)
    expect(asking.get_by_role("button", name="This answer helped")).to_be_visible()
