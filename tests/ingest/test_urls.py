"""Page paths become URLs, by each generator's rule."""

from pathlib import Path

import pytest

from ingest.document import Document
from ingest.generators import (
    DOCUSAURUS,
    HUGO,
    MDBOOK,
    MKDOCS,
    PLAIN,
    SPHINX,
    VITEPRESS,
    Generator,
)
from ingest.site import Site
from ingest.urls import anchored, page_url


@pytest.mark.parametrize(
    ("generator", "page", "address"),
    [
        (PLAIN, "guide/install", "guide/install"),
        (PLAIN, "guide/index", "guide/"),
        (PLAIN, "guide/README", "guide/"),
        (PLAIN, "index", ""),
        (MKDOCS, "guide/install", "guide/install/"),
        (MKDOCS, "guide/index", "guide/"),
        (PLAIN, "guide/readme", "guide/"),
        (MKDOCS, "README", ""),
        (MKDOCS, "guide/readme", "guide/readme/"),
        (VITEPRESS, "guide/Index", "guide/Index.html"),
        (VITEPRESS, "guide/install", "guide/install.html"),
        (VITEPRESS, "guide/index", "guide/"),
        (MDBOOK, "guide/README", "guide/index.html"),
        (MDBOOK, "guide/install", "guide/install.html"),
        (SPHINX, "guide/index", "guide/index.html"),
        (HUGO, "Guide/Big Step", "guide/big-step/"),
        (HUGO, "v1.2/What's New (1.2)!", "v1.2/whats-new-1.2/"),
        (HUGO, "posts/a_b+c", "posts/a_b+c/"),
        (HUGO, "posts/Ünï.de", "posts/ünï.de/"),
        (HUGO, "guide/bundle/index", "guide/bundle/"),
        (HUGO, "guide/_index", "guide/"),
        (DOCUSAURUS, "guide/install", "guide/install"),
        (DOCUSAURUS, "02-guide/01-install", "guide/install"),
        (DOCUSAURUS, "guide/2024-01-02-news", "guide/2024-01-02-news"),
        (DOCUSAURUS, "guide/index", "guide/"),
        (DOCUSAURUS, "guide/Guide", "guide/"),
    ],
)
def test_address(generator: Generator, page: str, address: str) -> None:
    assert generator.address(page, {}) == address


@pytest.mark.parametrize(
    ("generator", "fields", "address"),
    [
        (DOCUSAURUS, {"id": "setup"}, "guide/setup"),
        (DOCUSAURUS, {"slug": "start"}, "guide/start"),
        (DOCUSAURUS, {"slug": "../start", "id": "x"}, "start"),
        (DOCUSAURUS, {"slug": "/"}, ""),
        (DOCUSAURUS, {"slug": "/a/b"}, "a/b"),
        (HUGO, {"slug": "start"}, "guide/start/"),
        (HUGO, {"slug": "My Start"}, "guide/my-start/"),
        (HUGO, {"url": "/x/y.html"}, "x/y.html"),
        (MKDOCS, {"slug": "start"}, "guide/install/"),
    ],
)
def test_front_matter(generator: Generator, fields: dict[str, str], address: str) -> None:
    assert generator.address("guide/install", fields) == address


@pytest.mark.parametrize(
    ("config", "text", "pages"),
    [
        (
            "mkdocs.yml",
            "use_directory_urls: False\n",
            {"README": "index.html", "a/b": "a/b.html", "a/index": "a/index.html"},
        ),
        (".vitepress/config.ts", "cleanUrls: true,", {"a/b": "a/b", "a/index": "a/"}),
        (".vitepress/config.ts", "// cleanUrls: true,", {"a/b": "a/b.html"}),
        (
            "docusaurus.config.js",
            "trailingSlash: true",
            {"a/b": "a/b/", "a/index": "a/", "index": ""},
        ),
        ("docusaurus.config.js", "trailingSlash: false", {"a/b": "a/b", "a/index": "a"}),
        (
            "hugo.toml",
            "uglyURLs = true",
            {"a/_index": "a/", "a/b": "a/b.html", "a/c/index": "a/c.html", "_index": ""},
        ),
        ("hugo.toml", "# uglyURLs = true", {"a/b": "a/b/"}),
    ],
)
def test_the_configuration_decides_on_suffixes(
    tmp_path: Path, config: str, text: str, pages: dict[str, str]
) -> None:
    (tmp_path / config).parent.mkdir(exist_ok=True)
    (tmp_path / config).write_text("")
    usual = Site.of(tmp_path / "docs", base_url="/")
    (tmp_path / config).write_text(text)
    site = Site.of(tmp_path / "docs", base_url="/")
    urls = {page: site.url(f"{page}.md", Document("", "", ())) for page in pages}
    assert urls == {page: f"/{address}" for page, address in pages.items()}
    # Pages that were indexed with other addresses are read again.
    is_as_usual = all(usual.url(f"{page}.md", Document("", "", ())) == urls[page] for page in pages)
    assert (site.rules == usual.rules) == is_as_usual


@pytest.mark.parametrize("base_url", ["https://example.com/docs", "https://example.com/docs/"])
def test_base_url_may_end_in_a_slash(base_url: str) -> None:
    assert page_url("a b/ü?", base_url) == "https://example.com/docs/a%20b/%C3%BC%3F"


def test_anchor_is_percent_encoded() -> None:
    assert anchored("/docs/a", "安装") == "/docs/a#%E5%AE%89%E8%A3%85"


def test_without_an_anchor_there_is_no_fragment() -> None:
    assert anchored("/docs/a", "") == "/docs/a"
