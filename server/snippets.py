"""The few words of a passage that a Card shows."""

import re

_CHARACTERS = 180

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(
    r"(\*\*|__|`+|^#{1,6}\s+|^\s*[-*+]\s+|^\s*>\s?|^\s*\|?[-:| ]{3,}$)", re.MULTILINE
)


def snippet(text: str) -> str:
    """Return the passage's beginning as plain text, cut at a word, of 180 characters at most."""
    plain = _MARKUP.sub("", _LINK.sub(r"\1", _FENCE.sub("", text)))
    plain = " ".join(plain.replace("|", " ").split())
    if len(plain) <= _CHARACTERS:
        return plain
    return plain[:_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
