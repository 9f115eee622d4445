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
_UP_TO_RUN = re.compile(r".*[^\w.+%:/@&#;-]", re.DOTALL)
_LONGEST_RUN = 200


def as_read(word: str) -> str:
    """Return a word as it is read: what is escaped, or written as an entity, is itself."""
    return html.unescape(ESCAPED.sub(r"\1", word))


def run_at_end(shown: str) -> str:
    """Return the end of a text that what follows could make an address of."""
    end = shown[-_LONGEST_RUN:]
    before = _UP_TO_RUN.match(end)
    return end[before.end() :] if before else end


def makes_address(before: str, shown: str) -> bool:
    """Tell whether two texts of which neither is an address are one when they stand together."""
    if not before:
        return False
    joined = html.unescape(before + (_RUN.match(shown) or [""])[0])
    return any(match.end() > len(before) for match in BARE.finditer(joined))


def as_code(address: str) -> str:
    """Show an address as code, which it must not end, nor the cell of a table that it is in."""
    return "`" + address.replace("`", "%60").replace("|", "%7C") + "`"
