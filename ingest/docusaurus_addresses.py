"""Pages and addresses of a whole Docusaurus site: docs, their versions, translations, blog."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.configuration import blocks_of, configuration, is_set, string_of
from ingest.urls import docusaurus_address

CONFIGS = ("docusaurus.config.*", "website/docusaurus.config.*")
_PLUGINS = "docusaurus-plugin-content-"
_POST = re.compile(
    r"(?P<folder>.*?)(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2})[-/]?(?P<name>.*?)(?:/index)?"
)


@dataclass(frozen=True)
class DocusaurusAddresses:
    """The rule of one site, for paths below the folder of its configuration.

    `docs` are the folders of docs and the routes that they are published under, the first with
    `versions`; of those `last` has no address of its own. `blog` is the route of posts, None
    without one.
    """

    docs: tuple[tuple[str, str], ...] = (("docs", "docs"),)
    blog: str | None = "blog"
    versions: tuple[str, ...] = ()
    last: str = "current"
    default_locale: str = "en"

    def __call__(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the address of a page below the site's base."""
        return self.find(page, fields) or ""

    def find(self, page: str, fields: Mapping[str, str]) -> str | None:
        """Return the address of a page; None for a file that is none."""
        match page.split("/"):
            case ["i18n", locale, plugin, *inner] if plugin.startswith(_PLUGINS):
                kind = plugin.removeprefix(_PLUGINS)
                address = self._translated(kind, inner, fields)
                is_default = locale == self.default_locale
                return address if address is None or is_default else f"{locale}/{address}"
            case ["versioned_docs", version, *inner]:
                return self._of_docs(version, inner, fields)
            case ["src", "pages", *inner]:
                return docusaurus_address("/".join(inner), {})
            case ["blog", *inner]:
                return self._of_blog(inner, fields)
            case parts:
                return self._of_folder("/".join(parts), fields)

    def _translated(self, kind: str, inner: list[str], fields: Mapping[str, str]) -> str | None:
        match kind:
            case "docs" if inner:
                return self._of_docs(inner[0], inner[1:], fields)
            case "pages":
                return docusaurus_address("/".join(inner), {})
            case "blog":
                return self._of_blog(inner, fields)
            case _:
                return None

    def _of_folder(self, page: str, fields: Mapping[str, str]) -> str | None:
        for number, (folder, route) in enumerate(self.docs):
            if page.startswith(f"{folder}/"):
                inner = page.removeprefix(f"{folder}/")
                if number == 0:
                    return self._of_docs("current", inner.split("/"), fields)
                return _joined(route, docusaurus_address(inner, fields))
        return None

    def _of_docs(self, version: str, inner: list[str], fields: Mapping[str, str]) -> str | None:
        version = version.removeprefix("version-")
        if version != "current" and version not in self.versions:
            return None
        own = "" if version == self.last else "next" if version == "current" else version
        address = docusaurus_address("/".join(inner), fields)
        return _joined(self.docs[0][1], _joined(own, address))

    def _of_blog(self, inner: list[str], fields: Mapping[str, str]) -> str | None:
        if self.blog is None:
            return None
        page = "/".join(inner)
        if slug := fields.get("slug"):
            return _joined(self.blog, slug.removeprefix("/"))
        if post := _POST.fullmatch(page):
            page = f"{post['folder']}{post['date'].replace('-', '/')}/{post['name']}"
        return _joined(self.blog, page.removesuffix("/index"))


def whole_site(docs: Path) -> DocusaurusAddresses | None:
    """Read the configuration that lies in `docs`; None when there is none, as beside the pages."""
    if not any(docs.glob(CONFIGS[0])):
        return None
    text = configuration(docs, CONFIGS)
    first = next(_docs_folders(text, "docs"), ("docs", "docs"))
    others = _docs_folders(text, "plugin-content-docs")
    versions = _versions(docs)
    blogs = [string_of(block, "routeBasePath") for block in blocks_of(text, "blog")]
    return DocusaurusAddresses(
        docs=(first, *others),
        blog=None
        if is_set(text, "blog", "false")
        else next(filter(None, blogs), "blog").strip("/"),
        versions=versions,
        last=string_of(text, "lastVersion") or next(iter(versions), "current"),
        default_locale=string_of(text, "defaultLocale") or "en",
    )


def _docs_folders(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the folder and the route of each block that names one of them."""
    for block in blocks_of(text, name):
        path, route = string_of(block, "path"), string_of(block, "routeBasePath")
        if path or route:
            yield (path or "docs").removeprefix("./").strip("/"), (route or "docs").strip("/")


def _versions(docs: Path) -> tuple[str, ...]:
    try:
        found = json.loads((docs / "versions.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _joined(route: str, address: str) -> str:
    return f"{route}/{address}" if route else address
