"""One page, however its address is written."""

import pytest

from server.search.addresses import page_address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://docs.example/guide/", "guide"),
        ("https://docs.example/guide/index.html?q=1#top", "guide"),
        ("/guide.html", "guide"),
        ("guide", "guide"),
        ("guide/index", "guide"),
        ("/docs/myindex", "docs/myindex"),
        ("guide.md", "guide.md"),
        ("https://docs.example", ""),
        ("/index.html", ""),
        ("://[", ""),
        ("", ""),
    ],
)
def test_an_address_is_brought_to_one_form(address: str, expected: str) -> None:
    assert page_address(address) == expected
