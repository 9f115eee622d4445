"""Addresses that stand in a text without being a link, which many readers of Markdown make one."""

import html
import re

BARE = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.|(?:mailto|javascript|data|tel):(?=\S))\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
BARE_END = ".,;:!?'\"*_~"
ESCAPED = re.compile(r"\\([:/.@])")
# What an address may be a part of.
_RUN = re.compile(r"[\w.+%:/@&#;-]*")
_RUN_AT_END = re.compile(r"[\w.+%:/@&#;-]*\Z")
_LONGEST_RUN = 200


def as_read(word: str) -> str:
    """Return a word as it is read: what is escaped, or written as an entity, is itself."""
    return html.unescape(ESCAPED.sub(r"\1", word))


def run_at_end(shown: str) -> str:
    """Return the end of a text that what follows could make an address of."""
    runs: list[str] = _RUN_AT_END.findall(shown[-_LONGEST_RUN:])
    return runs[0]


def makes_address(before: str, shown: str) -> bool:
    """Tell whether two texts of which neither is an address are one when they stand together."""
    if not before:
        return False
    joined = html.unescape(before + (_RUN.match(shown) or [""])[0])
    return any(match.end() > len(before) for match in BARE.finditer(joined))


def as_code(address: str) -> str:
    """Show an address as code, which it must not end, nor the cell of a table that it is in."""
    return "`" + address.replace("`", "%60").replace("|", "%7C") + "`"
