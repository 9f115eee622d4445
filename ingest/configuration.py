"""The few settings of a site generator's configuration that decide about pages and addresses.

Configurations that are programs are not run: a setting counts if it is written out as a value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

_QUOTED = r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`"
# A glob in a string may well hold what else begins a comment.
_STRING_OR_COMMENT = re.compile(
    rf"{_QUOTED}|(?P<comment>//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*)", re.MULTILINE | re.DOTALL
)
_NAME_OR_BRACE = re.compile(rf"[{{}}\[\]]|(?P<name>{_QUOTED}|[\w$-]+)\s*:|{_QUOTED}")
_NESTED = re.compile(rf"{_QUOTED}|[{{}}\[\]]|[^{{}}\[\]\"'`]+|.", re.DOTALL)
VITEPRESS_CONFIGS = (".vitepress/config.*", ".vitepress/config/index.*")
# How far above the docs folder its configuration lies.
LEVELS = 3


def configuration_file(docs: Path, configs: Iterable[str]) -> Path | None:
    """Return the first file that one of the globs finds, in the docs folder or above."""
    configs = tuple(configs)
    for folder in (docs, *docs.parents[:LEVELS]):
        for config in configs:
            for file in sorted(folder.glob(config)):
                return file
    return None


def configuration(docs: Path, configs: Iterable[str]) -> str:
    """Return the text of that file; "" for none."""
    file = configuration_file(docs, configs)
    try:
        return "" if file is None else file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # Without its settings, the generator's defaults hold.


def is_set(text: str, name: str, value: str) -> bool:
    """Tell whether a setting of a script, TOML, YAML or JSON has a plain value."""
    return re.search(rf"\b{name}[\"']?\s*[:=]\s*{value}\b", _uncommented(text)) is not None


def line_of(text: str, name: str) -> int:
    """Return the number of the line that sets a script's setting, a function too; 0 for none."""
    settings = rf"{_STRING_OR_COMMENT.pattern}|(?P<setting>\b{name}\s*[:(,])"
    found = re.finditer(settings, text, re.MULTILINE | re.DOTALL)
    starts = (each.start() for each in found if each["setting"])
    return next((text.count("\n", 0, start) + 1 for start in starts), 0)


def strings_of(text: str, name: str) -> list[str]:
    """Return the strings of a script's setting that is a list of them."""
    settings = rf"\b{name}[\"']?\s*:\s*\[(?P<list>(?:[^\]\"'`]|{_QUOTED})*)\]"
    found = re.search(settings, _uncommented(text))
    return [string[1:-1] for string in re.findall(_QUOTED, found["list"])] if found else []


def string_of(text: str, name: str) -> str:
    """Return a script's setting that is a string; "" for none."""
    found = re.search(rf"\b{name}[\"']?\s*:\s*(?P<string>{_QUOTED})", _uncommented(text))
    return found["string"][1:-1] if found else ""


def pairs_of(text: str, name: str) -> list[tuple[str, str]]:
    """Return a script's setting that maps strings to strings, in order."""
    settings = rf"\b{name}[\"']?\s*:\s*\{{(?P<pairs>(?:[^{{}}\"'`]|{_QUOTED})*)\}}"
    found = re.search(settings, _uncommented(text))
    pairs = re.findall(rf"({_QUOTED})\s*:\s*({_QUOTED})", found["pairs"]) if found else ()
    return [(key[1:-1], value[1:-1]) for key, value in pairs]


def blocks_of(text: str, name: str) -> Iterator[str]:
    """Yield what stands in braces behind each `name:` of a script, or `"name",` in a list."""
    text = _uncommented(text)
    for opening in re.finditer(rf"\b{name}[\"']?\s*[:,]\s*\{{", text):
        depth, end = 1, opening.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield text[opening.end() : end]


def outermost(block: str) -> str:
    """Return a script's block without the objects and lists that are nested in it."""
    depth = 0
    kept: list[str] = []
    for part in _NESTED.finditer(block):
        depth -= part[0] in {"}", "]"}
        if depth <= 0:
            kept.append(part[0])
        depth += part[0] in {"{", "["}
    return "".join(kept)


def names_of(text: str, name: str) -> list[str]:
    """Return the names that a script's setting, an object, has something under."""
    block = next(blocks_of(text, name), "")
    names: list[str] = []
    depth = 0
    for part in _NAME_OR_BRACE.finditer(block):
        depth += {"{": 1, "}": -1, "[": 1, "]": -1}.get(part[0], 0)
        if depth == 0 and part["name"]:
            names.append(part["name"].strip("\"'"))
    return names


def yaml_settings(text: str) -> Mapping[str, object]:
    """Return the settings of a YAML file as text, whatever tags they have; none if it is wrong."""
    try:
        settings = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes no objects.
    except (yaml.YAMLError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}


def text_of(settings: Mapping[str, object], name: str) -> str:
    """Return a setting that is a plain value, as text; "" for another.

    Lists are not written out: by aliases, a few lines of YAML hold billions of items.
    """
    value = settings.get(name)
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            return ""


def _uncommented(text: str) -> str:
    return _STRING_OR_COMMENT.sub(lambda found: "" if found["comment"] else found[0], text)
