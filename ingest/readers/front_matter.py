"""The metadata block at the top of a page."""

import json
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import NamedTuple

import yaml

from ingest.audience import audience_of, audience_of_unreadable
from store.records import EVERYONE, NOBODY, Audience

# Control characters, and halves of characters, which no encoding takes.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
# An alias, and the mark that libyaml takes for white space.
_READ_OTHERWISE = re.compile(r"[*\ufeff]")
# What closes a block that is opened so.
_ENDS = {
    "---": frozenset({"---", "..."}),
    "+++": frozenset({"+++"}),
    "{": frozenset({"}"}),
}


class FrontMatter(NamedTuple):
    """A page's metadata; `text` is the page with the block replaced by blank lines.

    `audience` is who may read the page.
    """

    fields: Mapping[str, object]
    text: str
    problem: str = ""
    audience: Audience = EVERYONE

    @property
    def strings(self) -> dict[str, str]:
        """The fields that are plain values, without control characters: databases refuse NUL."""
        return {
            name: _CONTROLS.sub("", _as_text(value)).strip()
            for name, value in self.fields.items()
            if isinstance(value, str | int | float | date)
        }


def split_front_matter(source: str) -> FrontMatter:
    """Take the block off the top of `source`: YAML, or Hugo's TOML and JSON.

    The line numbers stay. A block that can't be read is blanked all the same, and `problem` says
    what is wrong; what is no mapping is no front matter.
    """
    block, rest = _split(source)
    if not block:
        return FrontMatter({}, source)
    text = "\n" * (block.count("\n") + (len(block) < len(source))) + rest
    try:
        fields = _parse(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        kind = {"+": "TOML", "{": "JSON"}.get(block[0], "YAML")
        problem = f"front matter is not {kind} ({_first_line(error)})"
        audience = audience_of_unreadable(block)
        if audience != EVERYONE:
            problem = f"{problem}; it names an audience, so nobody is shown the page"
        return FrontMatter({}, text, problem, audience)
    if fields is None:
        return FrontMatter({}, text)
    if not isinstance(fields, dict):
        return FrontMatter({}, source)
    named = {str(name): value for name, value in fields.items()}
    audience = audience_of(named)
    problem = "the audience can't be read; nobody is shown the page" if audience == NOBODY else ""
    return FrontMatter(named, text, problem, audience)


def _split(source: str) -> tuple[str, str]:
    """Return the block with its delimiters, and what follows it; ("", source) without one."""
    if not source.startswith(tuple(_ENDS)):
        return "", source
    start = source.find("\n") + 1
    ends = _ENDS.get(source[:start].rstrip(), frozenset())
    while start and ends:
        end = source.find("\n", start)
        line = source[start:] if end < 0 else source[start:end]
        if line.rstrip() in ends:
            return source[: start + len(line)], source[start + len(line) + 1 :]
        start = end + 1
    return "", source


def _parse(block: str) -> object:
    opening, *inner, _closing = block.split("\n")
    match opening.rstrip():
        case "+++":
            return tomllib.loads("\n".join(inner))
        case "{":
            return json.loads(block)
        case _:
            # Hugo's YAML has tabs where PyYAML wants spaces.
            return _parse_yaml("\n".join(inner).replace("\t", " "))


def _parse_yaml(block: str) -> object:
    if yaml.__with_libyaml__ and not _READ_OTHERWISE.search(block):
        # In a tenth of the time; what is wrong is said by the other loader.
        with suppress(yaml.YAMLError):
            return yaml.CBaseLoader(block).get_single_data()
    return _PlainLoader(block).get_single_data()


class _PlainLoader(yaml.BaseLoader):
    """Reads scalars as text, so that no odd date or number is an error.

    Aliases are refused, for they can grow a short text without limit.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(problem="aliases are not read")
        return super().compose_node(parent, index)


def _as_text(value: str | float | date) -> str:
    """Write a value of TOML or JSON as it is read from YAML: without a type of its own."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _first_line(error: Exception) -> str:
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else None
    return str(problem or error).splitlines()[0]
