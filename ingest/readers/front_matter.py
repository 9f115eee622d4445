"""The metadata block at the top of a page."""

from collections.abc import Mapping
from typing import NamedTuple

import yaml

_ENDS = frozenset({"---", "..."})


class FrontMatter(NamedTuple):
    """A page's metadata; `text` is the page with the block replaced by blank lines."""

    fields: Mapping[str, object]
    text: str
    problem: str = ""

    @property
    def strings(self) -> dict[str, str]:
        """The fields that are plain values."""
        return {
            name: value.strip() for name, value in self.fields.items() if isinstance(value, str)
        }


def split_front_matter(source: str) -> FrontMatter:
    """Take YAML between `---` lines off the top of `source`, keeping the line numbers.

    A block that isn't a YAML mapping is blanked all the same, and `problem` says what is wrong.
    """
    lines = source.split("\n")
    if lines[0].rstrip() != "---":
        return FrontMatter({}, source)
    ends = (number for number, line in enumerate(lines) if number and line.rstrip() in _ENDS)
    end = next(ends, 0)
    if not end:
        return FrontMatter({}, source)
    text = "\n" * (end + 1) + "\n".join(lines[end + 1 :])
    try:
        fields = _PlainLoader("\n".join(lines[1:end])).get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        return FrontMatter({}, text, f"front matter is not YAML ({_first_line(error)})")
    if fields is None:
        return FrontMatter({}, text)
    if not isinstance(fields, dict):
        return FrontMatter({}, source)
    return FrontMatter({str(name): value for name, value in fields.items()}, text)


class _PlainLoader(yaml.BaseLoader):
    """Reads scalars as text, so that no odd date or number is an error.

    Aliases are refused, for they can grow a short text without limit.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(problem="aliases are not read")
        return super().compose_node(parent, index)


def _first_line(error: Exception) -> str:
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else None
    return str(problem or error).splitlines()[0]
