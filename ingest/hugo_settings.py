"""The settings of a Hugo site, wherever they are kept and in whichever of its formats."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.configuration import LEVELS, yaml_settings

_ROOT_FILES = ("hugo.*", "config.*", "config/_default/hugo.*", "config/_default/config.*")
# Files beside those hold one setting each, by their name.
_DEFAULTS = "config/_default/*"

_DEEPEST = 5

Settings = Mapping[str, object]


def hugo_settings(docs: Path) -> tuple[Path, Settings]:
    """Return the site's folder, and its settings by name in lower case; none without any."""
    for folder in (docs, *docs.parents[:LEVELS]):
        settings: dict[str, object] = {}
        for name, file in _files(folder):
            found = _lowered(_parsed(file))
            settings |= {name: found} if name else found
        if settings:
            return folder, settings
    return docs, {}


def is_hugo_site(folder: Path) -> bool:
    """Tell a site by its `config.toml`, or the like, as it was called before `hugo.toml`."""
    return any("baseurl" in _lowered(_parsed(file)) for file in folder.glob("config.*"))


def group_of(settings: Settings, name: str) -> Settings:
    """Return the settings that are kept under a name; none when it is something else."""
    group = settings.get(name)
    return group if isinstance(group, Mapping) else {}


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    seen = set()
    for pattern in _ROOT_FILES:
        for file in sorted(folder.glob(pattern)):
            seen.add(file)
            yield "", file
    for file in sorted(folder.glob(_DEFAULTS)):
        if file not in seen:
            yield file.name.partition(".")[0].lower(), file


def _parsed(file: Path) -> Mapping[str, object]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        match file.suffix:
            case ".toml":
                return tomllib.loads(text)
            case ".yaml" | ".yml":
                return yaml_settings(text)
            case ".json":
                found = json.loads(text)
                return found if isinstance(found, dict) else {}
            case _:
                return {}
    except (OSError, ValueError, RecursionError):
        return {}  # Without its settings, the generator's defaults hold.


def _lowered(settings: Mapping[str, object], *, depth: int = 1) -> dict[str, object]:
    """Put all names into lower case: Hugo makes no difference.

    What lies deeper than any setting that counts is left out: by aliases, it may be without end.
    """
    return {
        str(name).lower(): _lowered(value, depth=depth + 1) if isinstance(value, Mapping) else value
        for name, value in settings.items()
        if depth <= _DEEPEST
    }
