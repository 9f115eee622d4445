"""Addresses of one page are written in several ways: with a host, a slash or `.html` at the end."""

from functools import lru_cache


@lru_cache(maxsize=20_000)
def page_address(address: str) -> str:
    """Return the part of an address that is the same however the page is asked for.

    Scheme, host, query and fragment are left out; `/guide/`, `/guide/index.html` and `/guide.html`
    are one page. The docs' first page is "".
    """
    path = address.partition("#")[0].partition("?")[0]
    if "://" in path:
        path = path.partition("://")[2].partition("/")[2]
    path = path.strip("/").removesuffix(".html")
    return path.removesuffix("index").rstrip("/") if path.rpartition("/")[2] == "index" else path
