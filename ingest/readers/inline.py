"""The plain text of a heading: inline markup resolved, explicit ids taken off."""

import re
from collections.abc import MutableMapping
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

_INLINE = MarkdownIt("commonmark").enable("strikethrough")
_MARKUP = re.compile(r"[\\`*_\[\]<>&!~]")
# `{#id}`, `{ #id .class }`, `{: #id }` and, in MDX, `{/* #id */}` at the end of a heading.
_ATTRIBUTES = re.compile(r"\{(?::|/\*)?\s*([#.][^{}]*|[^{}\s]+=[^{}]*)\}")
_ID = re.compile(r"(?:^|\s)#([^\s{}]+)")
_DASHES = re.compile(r"-{2,3}|\.{3}")
_TYPOGRAPHIC = {"--": "\u2013", "---": "\u2014", "...": "\u2026"}

# What the block parser found on the way, definitions of links among it.
Environment = MutableMapping[str, Any]


class HeadingText(NamedTuple):
    """A heading's text without markup, and the id written behind it ("" without one).

    `slug_text` is what its anchor is made from: white space is as written, and the slugger's
    wishes are met.
    """

    text: str
    explicit_id: str
    slug_text: str


def heading_text(
    markup: str,
    environment: Environment | None = None,
    *,
    smart: bool = False,
    image_text: bool = False,
) -> HeadingText:
    """Resolve a heading's inline Markdown; the options are those of `ingest.anchors.Slugger`."""
    explicit_id = ""
    brace = markup.rfind("{")
    if brace >= 0 and (attributes := _ATTRIBUTES.fullmatch(markup.rstrip(), brace)):
        markup = markup[:brace].rstrip()
        if found := _ID.search(attributes[1]):
            explicit_id = found[1]
    shown = slug_text = markup
    if _MARKUP.search(markup):
        shown = _shown(markup, environment)
        slug_text = shown
        if smart or image_text:
            slug_text = _shown(markup, environment, smart=smart, image_text=image_text)
    elif smart:
        slug_text = _typographic(markup)
    return HeadingText(" ".join(shown.split()), explicit_id, slug_text)


def _shown(
    markup: str,
    environment: Environment | None,
    *,
    smart: bool = False,
    image_text: bool = False,
) -> str:
    shown: list[str] = []
    for token in _INLINE.parseInline(markup, environment)[0].children or ():
        match token.type:
            case "text" | "text_special":
                shown.append(_typographic(token.content) if smart else token.content)
            case "code_inline":
                shown.append(token.content)
            case "softbreak" | "hardbreak":
                shown.append(" ")
            case "image" if image_text:
                shown.append(token.content)
    return "".join(shown)


def _typographic(text: str) -> str:
    return _DASHES.sub(lambda found: _TYPOGRAPHIC[found[0]], text)
