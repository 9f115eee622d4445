"""The plain text of a heading: inline markup resolved, explicit ids taken off."""

import re
from collections.abc import MutableMapping
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.anchors import AS_SHOWN, HeadingRules

# Without `text_join`, entities and escapes can be told from other text.
_INLINE = MarkdownIt("commonmark").enable("strikethrough").disable("text_join")
_MARKUP = re.compile(r"[\\`*_\[\]<>&!~]")
# `{#id}`, `{ #id .class }`, `{: #id }` and, in MDX, `{/* #id */}` at the end of a heading.
_ATTRIBUTES = re.compile(r"\{(?::|/\*)?\s*([#.][^{}]*|[^{}\s]+=[^{}]*)\}")
_CLOSING = re.compile(r"(?:^|[ \t])[ \t]*#+$")
_ID = re.compile(r"(?:^|\s)#([^\s{}]+)")
# mkdocstrings' heading of a reference, which has the object's name for its id.
_AUTODOC = re.compile(r"::: ?([A-Za-z_][\w.]*)[ \t]*")
_EMOJI = re.compile(r"(?<!\w):[a-z0-9_+-]+:(?!\w)")
_DASHES = re.compile(r"-{2,3}|\.{3}")
_TYPOGRAPHIC = {"--": "\u2013", "---": "\u2014", "...": "\u2026"}

# What Goldmark makes a link of: addresses of the web and of mail.
_BARE_LINK = re.compile(
    r"(?:(?<=[\s*_~(])|^)(?:(?:(?:https?|ftp)://|www\.)[-\w@:%.+~#=]{1,256}\.[a-z]+"
    r"(?::\d+)?(?:[/#?][^\s<]*)?(?<![?!.,:*_~])|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)

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
    rules: HeadingRules = AS_SHOWN,
) -> HeadingText:
    """Resolve a heading's inline Markdown; `rules` are for the text that its anchor is made of."""
    if reference := autodoc_name(markup):
        return HeadingText(reference, reference, reference)
    explicit_id = ""
    brace = markup.rfind("{")
    if brace >= 0 and (attributes := _ATTRIBUTES.fullmatch(markup.rstrip(), brace)):
        # Hashes that close a heading may stand in front of its attributes.
        markup = _CLOSING.sub("", markup[:brace].rstrip())
        if found := _ID.search(attributes[1]):
            # Python-Markdown has a digit at the start escaped: `{: #\6.0 }`.
            explicit_id = found[1].replace("\\", "")
    shown = slug_text = markup
    if _MARKUP.search(markup):
        shown = slug_text = _shown(markup, environment, AS_SHOWN)
        if rules != AS_SHOWN:
            slug_text = _shown(markup, environment, rules)
    elif rules != AS_SHOWN:
        slug_text = _by_rules(markup, rules)
    return HeadingText(" ".join(shown.split()), explicit_id, slug_text)


def autodoc_name(markup: str) -> str:
    """Return what a heading is the reference of that mkdocstrings makes; "" for any other."""
    found = _AUTODOC.fullmatch(markup) if markup.startswith(":::") else None
    return found[1] if found else ""


def _shown(markup: str, environment: Environment | None, rules: HeadingRules) -> str:
    shown: list[str] = []
    in_autolink = False
    for token in _INLINE.parseInline(markup, environment)[0].children or ():
        match token.type:
            case "link_open" | "link_close" if token.markup == "autolink":
                in_autolink = token.type == "link_open"
            case "text" if in_autolink:
                shown.append(token.content if rules.bare_links else "")
            case "text":
                shown.append(_by_rules(token.content, rules))
            case "text_special":
                shown.append(token.content if rules.entities else _as_written(token))
            case "code_inline":
                shown.append(token.content)
            case "softbreak" | "hardbreak":
                shown.append(" ")
            case "image" if rules.image_text:
                shown.append(token.content)
    return "".join(shown)


def _by_rules(text: str, rules: HeadingRules) -> str:
    if not rules.bare_links:
        text = _BARE_LINK.sub("", text)
    if not rules.emoji_names:
        text = _EMOJI.sub("", text)
    return _DASHES.sub(lambda found: _TYPOGRAPHIC[found[0]], text) if rules.smart else text


def _as_written(token: Token) -> str:
    """Return an entity as it is written; an escaped ampersand is one in the HTML."""
    if token.info == "entity":
        return token.markup
    return "&amp;" if token.content == "&" else token.content
