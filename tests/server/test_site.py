"""The docs site: what it serves, where, and that untrusted Markdown stays harmless."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from server.site import site_router
from store.errors import IndexUnavailableError
from store.records import Page
from tests.contract.page_index import PageIndex, page

PAGES = [
    page(
        "index.md",
        "# Handbook\n\nRead [the guide](guide/README.md#install) first.\n",
        title="Handbook",
        url="/docs/",
        anchors={1: (1, "Handbook", "handbook")},
    ),
    page(
        "guide/README.md",
        "\n\n## Install\n\n```sh\n# not a heading\n```\n\n## Install\n\nAgain.\n",
        title="The guide",
        url="/docs/guide/",
        anchors={3: (2, "Install", "install"), 9: (2, "Install", "install-1")},
    ),
    page(
        "guide/deep/über uns.md", "# Us\n", title="About us", url="/docs/guide/deep/%C3%BCber%20uns"
    ),
]


def client_for(index: PageIndex) -> TestClient:
    app = FastAPI()
    app.state.resources = SimpleNamespace(index=index)
    app.include_router(site_router())
    return TestClient(app)


@pytest.fixture
def client() -> TestClient:
    return client_for(PageIndex(PAGES))


def rendered(text: str, **fields: object) -> str:
    """Serve one page of this text and return its article."""
    only = page("page.md", text, **fields)  # type: ignore[arg-type]
    html = client_for(PageIndex([only])).get("/docs/page").text
    article = re.search(r'<article class="prose">(.*)</article>', html, re.DOTALL)
    assert article is not None
    return article[1]


def test_the_start_page_is_the_docs_own_index(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert '<h1 id="handbook">Handbook' in response.text
    assert '<link rel="canonical" href="/docs/">' in response.text


def test_without_a_start_page_every_page_is_listed() -> None:
    html = client_for(PageIndex(PAGES[1:])).get("/").text
    assert 'href="/docs/guide/">The guide</a>' in html
    assert 'href="/docs/guide/deep/%C3%BCber%20uns">About us</a>' in html


@pytest.mark.parametrize(
    "address",
    ["/docs/guide/", "/docs/guide", "/docs/guide/README", "/docs/guide/README.md"],
)
def test_a_page_is_found_with_or_without_slash_and_suffix(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "<title>The guide · Handbook</title>" in response.text


def test_a_page_is_found_by_its_encoded_url(client: TestClient) -> None:
    assert client.get("/docs/guide/deep/%C3%BCber%20uns").status_code == 200


def test_a_page_of_another_site_is_served_here_by_its_path() -> None:
    elsewhere = page(
        "guide/start.md", "# Start\n", title="Start", url="https://docs.example.com/s/"
    )
    client = client_for(PageIndex([elsewhere]))
    assert 'href="/docs/guide/start"' in client.get("/").text
    html = client.get("/docs/guide/start").text
    assert '<link rel="canonical" href="https://docs.example.com/s/">' in html


def test_every_anchor_of_the_index_is_an_id(client: TestClient) -> None:
    html = client.get("/docs/guide/").text
    assert re.findall(r'<h2 id="([^"]+)">', html) == ["install", "install-1"]


def test_an_anchor_whose_heading_is_not_seen_by_the_renderer_is_kept() -> None:
    html = rendered(
        "text\n\n<h2>Raw</h2>\n\nmore\n\n## Seen\n",
        anchors={3: (2, "Raw", "raw"), 7: (2, "Seen", "seen"), 99: (2, "Gone", "gone")},
    )
    assert html.index("text") < html.index('id="raw"') < html.index("more")
    assert '<h2 id="seen">' in html
    assert 'id="gone"' in html


def test_a_page_whose_text_has_no_title_shows_the_pages_own(client: TestClient) -> None:
    assert "<h1>The guide</h1>" in client.get("/docs/guide/").text
    assert client.get("/").text.count("<h1") == 1


def test_headings_lose_the_attribute_list_that_generators_read() -> None:
    html = rendered("## Steps { #first-steps }\n", anchors={1: (2, "Steps", "first-steps")})
    assert '<h2 id="first-steps">Steps<a' in html


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("../index.md", "/docs/"),
        ("../index.md#handbook", "/docs/#handbook"),
        ("deep/%C3%BCber%20uns.md", "/docs/guide/deep/%C3%BCber%20uns"),
        ("/index.md", "/docs/"),
        ("#install-1", "#install-1"),
        ("https://example.com/x", "https://example.com/x"),
        ("guide/deep/%C3%BCber%20uns.md", "/docs/guide/deep/%C3%BCber%20uns"),
        ("../api/calls.html#get", "/docs/api/calls.html#get"),
        ("deep/%C3%BCber%20uns.html", "/docs/guide/deep/%C3%BCber%20uns"),
        ("nowhere.md", "nowhere.md"),
        ("../../../../etc/passwd", "../../../../etc/passwd"),
    ],
)
def test_links_lead_to_the_pages_that_their_files_became(target: str, address: str) -> None:
    guide = page("guide/README.md", f"[link]({target})\n", title="Guide", url="/docs/guide/")
    calls = page("api/calls.rst", "# Calls\n", title="Calls", url="/docs/api/calls.html")
    client = client_for(PageIndex([PAGES[0], guide, PAGES[2], calls]))
    assert f'<a href="{address}"' in client.get("/docs/guide/").text


def parsed_tags(html: str) -> list[tuple[str, dict[str, str]]]:
    """Return each element's name and attributes, as a browser's parser would see them."""
    found: list[tuple[str, dict[str, str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name: value or "" for name, value in attrs}))

    Reader().feed(html)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](javascript:alert(1))",
        "![x](//evil.example/pixel.png)",
        '<a href="javascript:alert(1)">x</a>',
        "<kbd onclick=alert(1)>x</kbd>",
        "<iframe src='https://evil.example'></iframe>",
        "<style>body{display:none}</style>",
        '[x](https://example.com/"onmouseover="alert(1))',
        '```"><script>alert(1)</script>\ncode\n```',
        "<svg><script>alert(1)</script></svg>",
    ],
)
def test_markdown_can_neither_run_nor_load_anything(text: str) -> None:
    tags = parsed_tags(rendered(text))
    assert {name for name, _ in tags}.isdisjoint({"script", "iframe", "style", "svg", "img"})
    for _, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert urlsplit(attributes.get("href", "")).scheme in {"", "https"}


def test_titles_are_escaped_wherever_they_are_shown() -> None:
    title = '<b>"Bold" & co</b>'
    html = client_for(PageIndex([page("index.md", "text\n", title=title, url="/docs/")])).get("/")
    assert "<b>" not in html.text
    assert html.text.count("&lt;b&gt;") >= 3


def test_html_in_docs_leaves_its_text() -> None:
    html = rendered(
        '<div align="center">\n<p>One</p>\n<p>Two &amp; three</p>\n</div>\n\nH<sub>2</sub>O\n'
    )
    assert "<p>One</p>" in html
    assert "<p>Two &amp; three</p>" in html
    assert "H<sub>2</sub>O" in html


def test_pictures_of_the_docs_folder_are_described() -> None:
    html = rendered("![A **big** chart](img/chart.png) ![Logo](https://example.com/logo.png)\n")
    assert '<span class="image">A big chart</span>' in html
    assert '<img src="https://example.com/logo.png" alt="Logo"' in html


def test_code_is_highlighted_by_classes_alone() -> None:
    html = rendered("```python\ndef f() -> None: ...\n```\n\n```unknown\n<x>\n```\n")
    assert '<span class="k">def</span>' in html
    assert "&lt;x&gt;" in html
    assert "style=" not in html


def test_tables_are_aligned_without_inline_styles() -> None:
    html = rendered("| a | b |\n|:-:|---|\n| 1 | 2 |\n")
    assert '<th class="center">a</th>' in html
    assert "<td>2</td>" in html
    assert "style=" not in html


def test_the_contents_list_the_pages_sections(client: TestClient) -> None:
    html = client.get("/docs/guide/").text
    contents = html[html.index('class="contents"') :]
    assert '<a href="#install">Install</a>' in contents
    assert '<a href="#install-1">Install</a>' in contents


def test_the_navigation_marks_the_page_and_groups_by_folder(client: TestClient) -> None:
    html = client.get("/docs/guide/").text
    assert '<a href="/docs/guide/" aria-current="page">The guide</a>' in html
    assert html.count("aria-current") == 1
    assert "<summary>Guide</summary>" in html
    assert 'rel="prev" href="/docs/"' in html
    assert 'rel="next" href="/docs/guide/deep/%C3%BCber%20uns"' in html


def test_a_missing_page_is_a_page(client: TestClient) -> None:
    response = client.get("/docs/no/such/<page>")
    assert response.status_code == 404
    assert "There is no such page" in response.text
    assert 'href="/docs/guide/"' in response.text
    assert "<page>" not in response.text


def test_a_new_generation_shows_without_a_restart() -> None:
    index = PageIndex(PAGES)
    client = client_for(index)
    assert client.get("/docs/new").status_code == 404
    index.publish([*PAGES, page("new.md", "# New\n", title="News")])
    assert client.get("/docs/new").status_code == 200
    assert ">News</a>" in client.get("/").text


@pytest.mark.parametrize("address", ["/", "/docs/guide/", "/docs/missing"])
def test_pages_run_nothing_inline_and_cannot_be_framed(client: TestClient, address: str) -> None:
    response = client.get(address)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", response.text)


@pytest.mark.parametrize(
    ("address", "media_type"),
    [
        ("/widget.js", "text/javascript; charset=utf-8"),
        ("/site.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
def test_assets_are_cached_and_checked_by_etag(
    client: TestClient, address: str, media_type: str
) -> None:
    first = client.get(address)
    assert first.headers["content-type"] == media_type
    assert "max-age" in first.headers["cache-control"]
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert client.head(address).status_code == 200


def test_a_page_that_vanishes_between_two_reads_is_missing() -> None:
    class Forgetful(PageIndex):
        async def page(self, path: str) -> Page | None:
            return None

    assert client_for(Forgetful(PAGES)).get("/docs/guide/").status_code == 404


def test_an_index_that_does_not_respond_is_told_on_a_page() -> None:
    class Broken(PageIndex):
        async def pages(self) -> list[Page]:
            raise IndexUnavailableError("qdrant", "connection refused")

    response = client_for(Broken(PAGES)).get("/docs/guide/")
    assert response.status_code == 503
    assert "can't be shown just now" in response.text
    assert "refused" not in response.text


def test_vast_docs_show_one_branch_of_the_navigation() -> None:
    many = [page(f"part{n % 40}/page{n}.md", "text\n", title=f"Page {n}") for n in range(1001)]
    html = client_for(PageIndex(many)).get("/docs/part7/page7").text
    assert html.count("<summary>") == 2
    assert 'href="/docs/part7/page47"' in html
    assert 'href="/docs/part8/page48"' not in html
    assert '<a class="folder" href="/docs/part8/page' in html


def test_the_script_is_sent_compressed_to_those_who_take_it(client: TestClient) -> None:
    plain = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    packed = client.get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.headers["etag"] == plain.headers["etag"]
