"""Addresses of an MkDocs site whose settings or plugins say more than the usual."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest import urls
from ingest.anchors.python_markdown import pymdownx_slug
from ingest.configuration import text_of
from ingest.mkdocs_settings import Settings, mkdocs_settings, plugins_named
from ingest.urls import TITLE, ConfiguredRule

_OFF = frozenset({"false", "no", "off"})
# The letters of a date's pattern, as Babel has them.
_DATE_PARTS = re.compile(r"y+|M+|d+")


@dataclass(frozen=True)
class Blog:
    """What Material's blog makes of its posts: the folder they lie in, and where they are shown."""

    folder: str
    posts: str
    pattern: str
    dates: str

    def address(self, page: str, fields: Mapping[str, str]) -> str | None:
        """Return the path of a post; None for a page that is none, or that has no date."""
        day = _day(fields.get("date", ""))
        if day is None or not page.startswith(f"{self.posts}/"):
            return None
        slug = fields.get("slug") or pymdownx_slug(fields.get(TITLE, ""), case="lower")
        values = {
            "date": _DATE_PARTS.sub(lambda part: _part(day, part[0]), self.dates),
            "file": posixpath.basename(page),
            "slug": slug,
        }
        address = re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], ""), self.pattern)
        return posixpath.normpath(posixpath.join(self.folder, address.strip("/")))


@dataclass(frozen=True)
class Languages:
    """What the i18n plugin makes of pages: the site's languages, the default first.

    `in_folders` says that the pages of each lie in a folder, instead of being told by the ends of
    their names. Those of `unbuilt` languages are no pages.
    """

    names: tuple[str, ...] = ()
    in_folders: bool = False
    unbuilt: frozenset[str] = frozenset()

    def split(self, page: str) -> tuple[str, str]:
        """Return a page's path without its language, and the language; "" when it has none."""
        if self.in_folders:
            language, _, inner = page.partition("/")
        else:
            inner, _, language = page.rpartition(".")
        return (inner, language) if inner and language in self.names else (page, "")


@dataclass(frozen=True)
class MkdocsAddresses:
    """The rule of one site."""

    is_file: bool = False
    languages: Languages = Languages()
    blogs: tuple[Blog, ...] = ()

    def __call__(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the address of a page below the site's base."""
        page, language = self.languages.split(page)
        found = (blog.address(page, fields) for blog in self.blogs)
        page = next((address for address in found if address is not None), page)
        rule = urls.mkdocs_file_address if self.is_file else urls.mkdocs_address
        prefix = f"{language}/" if language and language != self.languages.names[0] else ""
        return f"{prefix}{rule(page, fields)}"


def of_mkdocs(docs: Path) -> ConfiguredRule | None:
    """Read `use_directory_urls`, and the languages and the blog of plugins."""
    settings = mkdocs_settings(docs)
    rule = MkdocsAddresses(
        is_file=text_of(settings, "use_directory_urls").lower() in _OFF,
        languages=languages_of(settings),
        blogs=tuple(_blogs(settings)),
    )
    return ConfiguredRule(rule, repr(rule)) if rule != MkdocsAddresses() else None


def mkdocs_languages(docs: Path) -> frozenset[str]:
    """Return the languages that a page's name may end in, in lower case."""
    languages = languages_of(mkdocs_settings(docs))
    return frozenset(() if languages.in_folders else map(str.lower, languages.names))


def mkdocs_language_folders(docs: Path) -> frozenset[str]:
    """Return what the folders of the plugin's languages are called."""
    languages = languages_of(mkdocs_settings(docs))
    return frozenset(languages.names if languages.in_folders else ())


def languages_of(settings: Settings) -> Languages:
    """Read the options of the i18n plugin."""
    options = next(plugins_named(settings, "i18n"), None)
    if options is None:
        return Languages()
    found = options.get("languages")
    default, unbuilt = "", set()
    if isinstance(found, Mapping):
        # As it was before the plugin's version 1.
        names, default = [str(name) for name in found], text_of(options, "default_language")
    else:
        names = []
        for language in found if isinstance(found, list) else ():
            if isinstance(language, Mapping) and (name := text_of(language, "locale")):
                names.append(name)
                default = name if text_of(language, "default").lower() == "true" else default
                unbuilt |= {name} if text_of(language, "build").lower() in _OFF else set()
    default = default or next(iter(names), "")
    if text_of(options, "default_language_only").lower() == "true":
        unbuilt = {name for name in names if name != default}
    return Languages(
        tuple(dict.fromkeys(filter(None, (default, *names)))),
        in_folders=text_of(options, "docs_structure") == "folder",
        unbuilt=frozenset(unbuilt),
    )


def _blogs(settings: Settings) -> Iterator[Blog]:
    for options in plugins_named(settings, "blog"):
        if text_of(options, "enabled").lower() in _OFF:
            continue
        folder = posixpath.normpath(text_of(options, "blog_dir") or "blog")
        posts = (text_of(options, "post_dir") or "{blog}/posts").replace("{blog}", folder)
        yield Blog(
            folder,
            posixpath.normpath(posts),
            text_of(options, "post_url_format") or "{date}/{slug}",
            text_of(options, "post_url_date_format") or "yyyy/MM/dd",
        )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None


def _part(day: date, pattern: str) -> str:
    number = {"y": day.year, "M": day.month, "d": day.day}[pattern[0]]
    written = f"{number:0{len(pattern)}}"
    return written[-2:] if pattern == "yy" else written
