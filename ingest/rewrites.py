"""VitePress' `rewrites`: patterns of paths such as `packages/:name/docs/:rest*`."""

import re
from collections.abc import Mapping
from typing import NamedTuple

# `:name`, with a pattern in parentheses and a sign for several or none; `\\.` is a plain dot.
_TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<prefix>/?):(?P<name>\w+)(?:\((?P<pattern>(?:\\.|[^\\()])+)\))?"
    r"(?P<sign>[*+?]?)"
)
_SEGMENT = r"[^/#?]+?"


class Rewrite(NamedTuple):
    """A pattern of paths, and the path that it is published under."""

    pattern: re.Pattern[str]
    target: str

    @classmethod
    def of(cls, source: str, target: str) -> "Rewrite | None":
        """Read a pattern; None for one that isn't understood, such as a regular expression."""
        if source.startswith("^") or "{" in source:
            return None
        try:
            return cls(re.compile(_regular(source), re.IGNORECASE), target)
        except re.error:
            return None

    def apply(self, path: str) -> str | None:
        """Return the path that another one becomes; None when it doesn't match."""
        found = self.pattern.fullmatch(path)
        return _filled(self.target, found.groupdict("")) if found else None


def _regular(source: str) -> str:
    parts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(source):
        parts += (re.escape(source[end : token.start()]), _group(token))
        end = token.end()
    return "".join(parts) + re.escape(source[end:])


def _group(token: re.Match[str]) -> str:
    if token["escaped"]:
        return re.escape(token["escaped"])
    one, prefix = token["pattern"] or _SEGMENT, token["prefix"]
    several = f"{one}(?:{prefix or '/'}{one})*" if token["sign"] in {"*", "+"} else one
    group = f"{prefix}(?P<{token['name']}>{several})"
    return f"(?:{group})?" if token["sign"] in {"*", "?"} else group


def _filled(target: str, values: Mapping[str, str]) -> str:
    def filled(token: re.Match[str]) -> str:
        if token["escaped"]:
            return token["escaped"]
        value = values.get(token["name"], "")
        return f"{token['prefix']}{value}" if value else ""

    return _TOKEN.sub(filled, target).removeprefix("/")
