"""Pages and addresses of a whole Docusaurus site: docs, their versions, translations, blogs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.docusaurus_settings import (
    CONFIGS,
    Blog,
    Docs,
    all_blogs,
    all_docs,
    default_locale,
)
from ingest.urls import docusaurus_address

_PLUGINS = "docusaurus-plugin-content-"
_PAGES = "src/pages/"
_POST = re.compile(
    r"(?P<folder>.*?)(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2})[-/]?(?P<name>.*?)(?:/index)?"
)


@dataclass(frozen=True)
class DocusaurusAddresses:
    """The rule of one site, for paths below the folder of its configuration."""

    docs: tuple[Docs, ...] = (Docs(),)
    blogs: tuple[Blog, ...] = (Blog(),)
    default_locale: str = "en"

    def __call__(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the address of a page below the site's base."""
        return self.find(page, fields) or ""

    def find(self, page: str, fields: Mapping[str, str]) -> str | None:
        """Return the address of a page; None for a file that is none."""
        match page.split("/", 3):
            case ["i18n", locale, plugin, inner] if plugin.startswith(_PLUGINS):
                address = self._translated(plugin.removeprefix(_PLUGINS), inner, fields)
                is_default = locale == self.default_locale
                return address if address is None or is_default else f"{locale}/{address}"
        if page.startswith(_PAGES):
            return docusaurus_address(page.removeprefix(_PAGES), {})
        for docs in self.docs:
            if page.startswith(f"{docs.versioned_folder}/"):
                return _of_version(docs, page.removeprefix(f"{docs.versioned_folder}/"), fields)
            if page.startswith(f"{docs.folder}/"):
                return _of_docs(docs, "current", page.removeprefix(f"{docs.folder}/"), fields)
        for blog in self.blogs:
            if page.startswith(f"{blog.folder}/"):
                return _of_blog(blog, page.removeprefix(f"{blog.folder}/"), fields)
        return None

    def original(self, path: str) -> str:
        """Return the file that a translation is of; without it, there is no page."""
        match path.split("/", 3):
            case ["i18n", _, plugin, inner] if plugin.startswith(_PLUGINS):
                kind, _, plugin_id = plugin.removeprefix(_PLUGINS).partition("-")
                for docs in self.docs:
                    if kind == "docs" and docs.id == (plugin_id or Docs.id):
                        is_current = inner.startswith("current/")
                        current = f"{docs.folder}/{inner.removeprefix('current/')}"
                        return current if is_current else f"{docs.versioned_folder}/{inner}"
                for blog in self.blogs:
                    if kind == "blog" and blog.id == (plugin_id or Blog.id):
                        return f"{blog.folder}/{inner}"
                return f"{_PAGES}{inner}"
            case _:
                return path

    def _translated(self, plugin: str, inner: str, fields: Mapping[str, str]) -> str | None:
        kind, _, plugin_id = plugin.partition("-")
        match kind:
            case "docs":
                docs = (each for each in self.docs if each.id == (plugin_id or Docs.id))
                found = next(docs, None)
                return None if found is None else _of_version(found, inner, fields)
            case "blog":
                blogs = (each for each in self.blogs if each.id == (plugin_id or Blog.id))
                blog = next(blogs, None)
                return None if blog is None else _of_blog(blog, inner, fields)
            case "pages":
                return docusaurus_address(inner, {})
            case _:
                return None


def _of_version(docs: Docs, page: str, fields: Mapping[str, str]) -> str | None:
    version, _, inner = page.partition("/")
    return _of_docs(docs, version.removeprefix("version-"), inner, fields)


def _of_docs(docs: Docs, version: str, inner: str, fields: Mapping[str, str]) -> str | None:
    if version not in docs.versions:
        return None
    address = docusaurus_address(inner, fields)
    return _joined(docs.route, _joined(docs.path_of(version), address))


def _of_blog(blog: Blog, page: str, fields: Mapping[str, str]) -> str:
    if slug := fields.get("slug"):
        return _joined(blog.route, slug.removeprefix("/"))
    if post := _POST.fullmatch(page):
        page = f"{post['folder']}{post['date'].replace('-', '/')}/{post['name']}"
    return _joined(blog.route, page.removesuffix("/index"))


def whole_site(docs: Path) -> DocusaurusAddresses | None:
    """Read the configuration that lies in `docs`; None when there is none, as beside the pages."""
    if not any(docs.glob(CONFIGS[0])):
        return None
    return DocusaurusAddresses(all_docs(docs), all_blogs(docs), default_locale(docs))


def _joined(route: str, address: str) -> str:
    return f"{route}/{address}" if route else address
