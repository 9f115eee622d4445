"""What a Docusaurus configuration says of its docs and blogs; it is not run."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.configuration import (
    blocks_of,
    configuration,
    is_set,
    names_of,
    outermost,
    string_of,
    strings_of,
)

CONFIGS = ("docusaurus.config.*", "website/docusaurus.config.*")
_DEFAULT_ID = "default"
# What tells the docs of the preset from other settings of that name, such as the theme's.
_OPTIONS = re.compile(
    r"\b(?:path|routeBasePath|sidebarPath|versions|lastVersion|includeCurrentVersion|editUrl)\b"
)


@dataclass(frozen=True)
class Docs:
    """Docs of one plugin: their folder and route, and the versions that are built of them.

    `last` has no address of its own, but for what `paths` say.
    """

    id: str = _DEFAULT_ID
    folder: str = "docs"
    route: str = "docs"
    versions: tuple[str, ...] = ("current",)
    last: str = "current"
    paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def versioned_folder(self) -> str:
        """The folder that holds one for each version but the current."""
        return f"{prefixed(self.id, '_')}versioned_docs"

    def path_of(self, version: str) -> str:
        """Return what the addresses of a version begin with behind the route."""
        if version in self.paths:
            return self.paths[version]
        if version == self.last:
            return ""
        return "next" if version == "current" else version


@dataclass(frozen=True)
class Blog:
    """Posts of one plugin: their folder and route."""

    id: str = _DEFAULT_ID
    folder: str = "blog"
    route: str = "blog"


def prefixed(plugin_id: str, joint: str) -> str:
    """Return the id and a joint, as they stand in front of a plugin's files; "" for the default."""
    return "" if plugin_id == _DEFAULT_ID else f"{plugin_id}{joint}"


def all_docs(site: Path) -> tuple[Docs, ...]:
    """Return the docs of the preset, and of each plugin."""
    text = configuration(site, CONFIGS)
    blocks = (block for block in blocks_of(text, "docs") if _OPTIONS.search(outermost(block)))
    preset = [] if is_set(text, "docs", "false") else [next(blocks, "")]
    return tuple(_docs(site, block) for block in (*preset, *blocks_of(text, "plugin-content-docs")))


def all_blogs(site: Path) -> tuple[Blog, ...]:
    """Return the blog of the preset, and of each plugin."""
    text = configuration(site, CONFIGS)
    preset = [] if is_set(text, "blog", "false") else [next(blocks_of(text, "blog"), "")]
    return tuple(map(_blog, (*preset, *blocks_of(text, "plugin-content-blog"))))


def default_locale(site: Path) -> str:
    """Return the language whose addresses don't name it."""
    return string_of(configuration(site, CONFIGS), "defaultLocale") or "en"


def _docs(site: Path, block: str) -> Docs:
    own = outermost(block)
    plugin_id = string_of(own, "id") or _DEFAULT_ID
    versions = tuple(_versions(site, plugin_id, block))
    last = string_of(own, "lastVersion") or next(
        (version for version in versions if version != "current"), "current"
    )
    options = next(blocks_of(block, "versions"), "")
    return Docs(
        id=plugin_id,
        folder=_folder(own, "docs"),
        route=_route(own, "docs"),
        versions=versions,
        last=last,
        paths={
            name: path.strip("/")
            for name in names_of(block, "versions")
            if (path := string_of(next(blocks_of(options, re.escape(name)), ""), "path"))
        },
    )


def _versions(site: Path, plugin_id: str, block: str) -> Iterator[str]:
    """Yield the versions that are built, the current one first."""
    only = strings_of(block, "onlyIncludeVersions")
    kept = [] if is_set(block, "disableVersioning", "true") else _released(site, plugin_id)
    for version in ("current", *kept):
        if only and version not in only:
            continue
        if version == "current" and is_set(block, "includeCurrentVersion", "false"):
            continue
        yield version


def _released(site: Path, plugin_id: str) -> list[str]:
    file = site / f"{prefixed(plugin_id, '_')}versions.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [str(version) for version in found] if isinstance(found, list) else []


def _blog(block: str) -> Blog:
    own = outermost(block)
    plugin_id = string_of(own, "id") or _DEFAULT_ID
    return Blog(plugin_id, _folder(own, "blog"), _route(own, "blog"))


def _folder(own: str, usual: str) -> str:
    return (string_of(own, "path") or usual).removeprefix("./").strip("/")


def _route(own: str, usual: str) -> str:
    return (string_of(own, "routeBasePath") or usual).strip("/")
