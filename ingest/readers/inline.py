"""The plain text of a heading: inline markup resolved, explicit ids taken off."""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt

_INLINE = MarkdownIt("commonmark").enable("strikethrough")
_MARKUP = re.compile(r"[\\`*_\[\]<>&!~]")
# `{#id}`, `{ #id .class }`, `{: #id }` and, in MDX, `{/* #id */}` at the end of a heading.
_ATTRIBUTES = re.compile(r"\s*\{(?::|/\*)?\s*([#.][^{}]*?|[^{}\s]+=[^{}]*?)\s*(?:\*/)?\}\s*$")
_ID = re.compile(r"(?:^|\s)#([^\s{}]+)")


class HeadingText(NamedTuple):
    """A heading's text without markup, and the id written behind it ("" without one)."""

    text: str
    explicit_id: str


def heading_text(markup: str) -> HeadingText:
    """Resolve a heading's inline Markdown."""
    explicit_id = ""
    if attributes := _ATTRIBUTES.search(markup):
        markup = markup[: attributes.start()]
        if found := _ID.search(attributes[1]):
            explicit_id = found[1]
    return HeadingText(plain_text(markup), explicit_id)


def plain_text(markup: str) -> str:
    """Return the text that inline Markdown shows; images and HTML tags show none."""
    if not _MARKUP.search(markup):
        return " ".join(markup.split())
    shown: list[str] = []
    for token in _INLINE.parseInline(markup)[0].children or ():
        match token.type:
            case "text" | "code_inline" | "text_special":
                shown.append(token.content)
            case "softbreak" | "hardbreak":
                shown.append(" ")
    return " ".join("".join(shown).split())
