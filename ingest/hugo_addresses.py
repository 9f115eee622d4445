"""Addresses of a Hugo site whose settings say more than the usual: languages and permalinks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

from ingest.configuration import text_of
from ingest.hugo_settings import Settings, group_of, hugo_settings
from ingest.urls import ConfiguredRule, hugo_address, hugo_name

_TOKEN = re.compile(r":(\w+)(?:\[[^\]]*\])?")
# By name, for the process may speak another language.
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What Hugo takes for a page without a date.
_NO_DATE = date(1, 1, 1)


@dataclass(frozen=True)
class HugoAddresses:
    """The rule of one site.

    `languages` are those that pages are written in, the first by default; `language` is the one
    of the whole docs folder, "" when its pages tell, by their `folders` or names. `pages` and
    `sections` are patterns by the first folder of a path.
    """

    languages: tuple[str, ...] = ()
    language: str = ""
    folders: Mapping[str, str] = field(default_factory=dict)
    default_in_folder: bool = False
    is_ugly: bool = False
    pages: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the address of a page below the site's base."""
        path, language = self._language_of(page)
        prefix = self._prefix(language)
        if url := fields.get("url"):
            return url.removeprefix("/") if url.startswith("/") else f"{prefix}{url}"
        address = self._by_pattern(path, fields) or hugo_address(path, fields)
        is_file = self.is_ugly and PurePosixPath(path).name != "_index"
        if is_file and address:
            address = f"{address.rstrip('/')}.html"
        return f"{prefix}{address}"

    def _language_of(self, page: str) -> tuple[str, str]:
        """Return a page's path without its language, and the language."""
        if self.language:
            return page, self.language
        folder, _, inner = page.partition("/")
        if folder in self.folders:
            return inner, self.folders[folder]
        path, dot, suffix = page.rpartition(".")
        if dot and suffix.lower() in self.languages:
            return path, suffix.lower()
        return page, self.languages[0] if self.languages else ""

    def _prefix(self, language: str) -> str:
        is_default = not self.languages or language == self.languages[0]
        return f"{language}/" if language and (self.default_in_folder or not is_default) else ""

    def _by_pattern(self, path: str, fields: Mapping[str, str]) -> str:
        *folders, name = path.split("/")
        is_section = name == "_index"
        patterns = self.sections if is_section else self.pages
        pattern = patterns.get(folders[0].lower()) if folders else None
        if pattern is None or (is_section and len(folders) > 1):
            return ""
        if name in {"index", "_index"}:
            *folders, name = folders
        values = _values(folders, name, fields)
        address = _TOKEN.sub(lambda token: values.get(token[1], token[0]), pattern)
        return re.sub(r"/{2,}", "/", f"{address.strip('/')}/")


def _values(folders: list[str], name: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Return what the tokens of a pattern stand for."""
    title, slug, base = hugo_name(fields.get("title", name)), fields.get("slug"), hugo_name(name)
    day = _day(fields.get("date", ""))
    slug = hugo_name(slug) if slug else ""
    return {
        "year": f"{day:%Y}".rjust(4, "0"),
        "month": f"{day:%m}",
        "monthname": _MONTHS[day.month - 1],
        "day": f"{day:%d}",
        "weekday": str(day.isoweekday() % 7),
        "weekdayname": _DAYS[day.weekday()],
        "yearday": str(day.timetuple().tm_yday),
        "section": hugo_name(folders[0]) if folders else "",
        "sections": "/".join(map(hugo_name, folders)),
        "title": title,
        "slug": slug or title,
        "filename": base,
        "slugorfilename": slug or base,
        "contentbasename": base,
        "slugorcontentbasename": slug or base,
    }


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return _NO_DATE


def of_hugo(docs: Path) -> ConfiguredRule | None:
    """Read a site's languages, `permalinks` and `uglyURLs`; None when all is as usual."""
    root, settings = hugo_settings(docs)
    permalinks = group_of(settings, "permalinks")
    flat = _strings(permalinks)
    folders = _content_folders(root, settings)
    rule = HugoAddresses(
        languages=languages_of(settings),
        language=folders.get(docs.resolve(), ""),
        folders={
            folder.name: language
            for folder, language in folders.items()
            if folder.parent == docs.resolve()
        },
        default_in_folder=text_of(settings, "defaultcontentlanguageinsubdir").lower() == "true",
        is_ugly=text_of(settings, "uglyurls").lower() == "true",
        pages=flat | _strings(group_of(permalinks, "page")),
        sections=_strings(group_of(permalinks, "section")),
    )
    return ConfiguredRule(rule, repr(rule)) if rule != HugoAddresses() else None


def hugo_languages(docs: Path) -> frozenset[str]:
    """Return the languages that a page's name may end in, such as `guide.fr.md`."""
    return frozenset(languages_of(hugo_settings(docs)[1]))


def languages_of(settings: Settings) -> tuple[str, ...]:
    """Return the site's languages, the default first; none for a site that names none."""
    names = [
        name for name, value in group_of(settings, "languages").items() if isinstance(value, dict)
    ]
    default = (text_of(settings, "defaultcontentlanguage") or "en").lower()
    if not names:
        return ()
    return (default, *(name for name in names if name != default))


def _content_folders(root: Path, settings: Settings) -> dict[Path, str]:
    """Return the folders that hold the pages of one language each, with the language."""
    return {
        (root / language["contentdir"]).resolve(): name
        for name, language in group_of(settings, "languages").items()
        if isinstance(language, dict) and isinstance(language.get("contentdir"), str)
    }


def _strings(settings: Settings) -> dict[str, str]:
    return {name: value for name, value in settings.items() if isinstance(value, str)}
