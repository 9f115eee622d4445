"""The settings of an MkDocs site, or of Zensical's, with those that the configuration inherits."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.configuration import configuration_file, text_of, yaml_settings

CONFIGS = ("mkdocs.yml", "mkdocs.yaml", "zensical.toml")
# Configurations that inherit from each other in a circle are wrong, and have to end all the same.
_LONGEST = 10

_TABLE = re.compile(r"^\[project\]", re.MULTILINE)

Settings = Mapping[str, object]


def mkdocs_texts(docs: Path) -> tuple[str, ...]:
    """Return the text of the configuration, behind it of the one it inherits from, and so on."""
    texts: list[str] = []
    file = configuration_file(docs, CONFIGS)
    while file is not None and len(texts) < _LONGEST:
        try:
            texts.append(file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            break  # Without its settings, the generator's defaults hold.
        inherited = text_of(_parsed(texts[-1]), "INHERIT") if "INHERIT" in texts[-1] else ""
        file = file.parent / inherited if inherited else None
    return tuple(texts)


def mkdocs_settings(docs: Path) -> Settings:
    """Return the settings; groups that both configurations have are put together."""
    merged: Settings = {}
    for text in reversed(mkdocs_texts(docs)):
        merged = _merged(merged, _parsed(text))
    return merged


def _parsed(text: str) -> Settings:
    """Read YAML, or Zensical's TOML, which has the same settings as a table."""
    if not _TABLE.search(text):
        return yaml_settings(text)
    try:
        project = tomllib.loads(text).get("project")
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return project if isinstance(project, dict) else {}


def plugins_named(settings: Settings, name: str) -> Iterator[Settings]:
    """Yield the options of each plugin of that name; none of them are set where it stands alone."""
    plugins = settings.get("plugins")
    entries = [plugins] if isinstance(plugins, Mapping) else plugins
    for entry in entries if isinstance(entries, list) else ():
        options = entry if isinstance(entry, Mapping) else {entry: None}
        for key, value in options.items():
            if str(key).rpartition("/")[2] == name:
                yield value if isinstance(value, Mapping) else {}


def _merged(inherited: Settings, own: Settings) -> Settings:
    merged = dict(inherited)
    for name, value in own.items():
        before = merged.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[name] = _merged(before, value)
        else:
            merged[name] = value
    return merged
