"""The address that a page of the docs folder has on the site, by each generator's rule.

A rule gets the page's path without its suffix and the fields of its front matter, with `TITLE`
among them, and returns the address below the site's base: "guide/install", "guide/" or, for the
first page, "".
"""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import quote

DEFAULT_BASE_URL = "/docs/"

# What the page is called, whether its front matter says so or not: a name that no field has.
TITLE = ""

Rule = Callable[[str, Mapping[str, str]], str]


class ConfiguredRule(NamedTuple):
    """A rule that a site's configuration asks for; `named` tells it from others."""

    rule: Rule
    named: str


_NUMBER_PREFIX = re.compile(r"^\d+\s*[-_.]+\s*(?=[^-_.\s])")
_HUGO_NAME = re.compile(r"[\w\s.#+~@\u0300-\u036f-]")
_DATE_OR_VERSION = re.compile(r"^\d+[-_.]\d+")


def page_url(address: str, base_url: str = DEFAULT_BASE_URL) -> str:
    """Put an address below the base URL, percent-encoded."""
    return base_url.rstrip("/") + "/" + quote(address)


def anchored(url: str, anchor: str) -> str:
    """Return `url` with the anchor as its fragment, percent-encoded; without one, `url` itself."""
    return f"{url}#{quote(anchor)}" if anchor else url


def plain_address(page: str, _fields: Mapping[str, str]) -> str:
    """Drop the suffix; `index` and `README`, in whichever case, stand for their folder."""
    is_folder = PurePosixPath(page).name.lower() in {"index", "readme"}
    return _folder(PurePosixPath(page).parent) if is_folder else page


def mkdocs_address(page: str, _fields: Mapping[str, str]) -> str:
    """Make each page a folder, as MkDocs' `use_directory_urls` does."""
    return _below_folder(page, {"index", "README"}, "{}/")


def mkdocs_file_address(page: str, _fields: Mapping[str, str]) -> str:
    """Make each page an `.html` file, as MkDocs does without `use_directory_urls`."""
    path = PurePosixPath(page)
    return f"{path.with_name('index') if path.name == 'README' else path}.html"


def clean_address(page: str, _fields: Mapping[str, str]) -> str:
    """Drop the suffix, as VitePress' `cleanUrls` does; `index` stands for its folder."""
    return _below_folder(page, {"index"}, "{}")


def vitepress_address(page: str, _fields: Mapping[str, str]) -> str:
    """Make each page an `.html` file."""
    return _below_folder(page, {"index"}, "{}.html")


def sphinx_address(page: str, _fields: Mapping[str, str]) -> str:
    """Make each page an `.html` file, `index.html` among them."""
    return f"{page}.html"


def built_address(page: str, _fields: Mapping[str, str]) -> str:
    """Keep a built page's file; `index.html` stands for its folder."""
    return _below_folder(page, {"index"}, "{}.html")


def mdbook_address(page: str, _fields: Mapping[str, str]) -> str:
    """Make each page an `.html` file, and a `README` its folder's `index.html`."""
    path = PurePosixPath(page)
    return f"{path.with_name('index') if path.name.lower() == 'readme' else path}.html"


def hugo_address(page: str, fields: Mapping[str, str]) -> str:
    """Make each page a folder in lower case; `url` and `slug` of the front matter win."""
    if url := fields.get("url"):
        return url.lstrip("/")
    path = PurePosixPath(*(hugo_name(part) for part in page.split("/")))
    if path.name in {"_index", "index"}:
        path = path.parent
    if path.name and (slug := fields.get("slug")):
        path = path.with_name(hugo_name(slug))
    return _folder(path)


def hugo_name(name: str) -> str:
    """Keep letters, marks, digits and a few signs, and put hyphens for white space."""
    kept = "".join(character for character in name.lower() if _HUGO_NAME.match(character))
    return re.sub(r"\s+", "-", re.sub(r"-\s+", "-", kept.strip()))


def docusaurus_address(page: str, fields: Mapping[str, str]) -> str:
    """Drop number prefixes; `slug` and `id` of the front matter win."""
    *folders, name = map(_without_number, page.split("/"))
    folder = "".join(f"{part}/" for part in folders)
    slug = fields.get("slug", "")
    if slug.startswith("/"):
        return slug.lstrip("/")
    is_index = name.lower() in {"index", "readme"} or name.lower() == "".join(folders[-1:]).lower()
    if is_index and not slug:
        return folder
    parts: list[str] = []
    for part in f"{folder}{slug or fields.get('id') or name}".split("/"):
        match part:
            case "..":
                parts = parts[:-1]
            case "." | "":
                pass
            case _:
                parts.append(part)
    return "/".join(parts)


def _below_folder(page: str, folder_pages: set[str], pattern: str) -> str:
    path = PurePosixPath(page)
    if path.name in folder_pages:
        return _folder(path.parent)
    return pattern.format(page)


def _folder(path: PurePosixPath) -> str:
    return "" if path == PurePosixPath() else f"{path}/"


def _without_number(part: str) -> str:
    # `01-intro` is ordered by its number; `2024-01-02` and `1.2` are names.
    return part if _DATE_OR_VERSION.match(part) else _NUMBER_PREFIX.sub("", part)
