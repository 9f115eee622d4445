"""The address that a page of the docs folder has on the site."""

from pathlib import PurePosixPath
from urllib.parse import quote

DEFAULT_BASE_URL = "/docs/"
_FOLDER_PAGES = frozenset({"index", "readme"})


def page_url(path: str, base_url: str = DEFAULT_BASE_URL) -> str:
    """Return a page's URL without fragment; `index` and `README` stand for their folder."""
    page = PurePosixPath(path).with_suffix("")
    base = base_url.rstrip("/") + "/"
    if page.name.lower() in _FOLDER_PAGES:
        folder = page.parent.as_posix()
        return base if folder == "." else f"{base}{quote(folder)}/"
    return base + quote(page.as_posix())


def anchored(url: str, anchor: str) -> str:
    """Return `url` with the anchor as its fragment, percent-encoded; without one, `url` itself."""
    return f"{url}#{quote(anchor)}" if anchor else url
