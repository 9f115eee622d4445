"""Page paths become URLs."""

import pytest

from ingest.urls import anchored, page_url


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("guide/install.md", "/docs/guide/install"),
        ("guide/index.md", "/docs/guide/"),
        ("guide/README.md", "/docs/guide/"),
        ("index.mdx", "/docs/"),
        ("README.md", "/docs/"),
        ("a b/ü.md", "/docs/a%20b/%C3%BC"),
        ("release.1.2.md", "/docs/release.1.2"),
        ("50% off?.md", "/docs/50%25%20off%3F"),
    ],
)
def test_page_url(path: str, url: str) -> None:
    assert page_url(path) == url


@pytest.mark.parametrize("base_url", ["https://example.com/docs", "https://example.com/docs/"])
def test_base_url_may_end_in_a_slash(base_url: str) -> None:
    assert page_url("a.md", base_url) == "https://example.com/docs/a"


def test_anchor_is_percent_encoded() -> None:
    assert anchored("/docs/a", "安装") == "/docs/a#%E5%AE%89%E8%A3%85"


def test_without_an_anchor_there_is_no_fragment() -> None:
    assert anchored("/docs/a", "") == "/docs/a"
