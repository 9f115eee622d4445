"""A page's Markdown becomes HTML that is safe to serve and holds every anchor of the index."""

import re
from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from server.site.markup import block_html, inline_html
from store.records import Page, Section

ResolveLink = Callable[[str], str | None]
"""Takes the path of a relative link; returns the page's address, or None when there is none."""

_LINK_SCHEMES = frozenset({"http", "https", "mailto"})
_IMAGE_SCHEMES = frozenset({"http", "https"})
_ATTRIBUTE_LIST = re.compile(r"\s*\{:?\s*[#.][^{}]*\}\s*$")
_FORMATTER = HtmlFormatter(nowrap=True)


def render_page(page: Page, resolve: ResolveLink) -> str:
    """Render a page's text to HTML; each of its sections' anchors is the id of an element."""
    parser = MarkdownIt("commonmark", {"html": True}, renderer_cls=_PageRenderer)
    parser.enable(["table", "strikethrough"])
    env: EnvType = {}
    tokens = _with_anchors(parser.parse(page.text, env), page.sections)
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                _set_target(child, resolve)
    rendered: str = parser.renderer.render(tokens, parser.options, env)
    return rendered


def has_title(page: Page) -> bool:
    """Tell whether the text shows a first-level heading of its own."""
    return any(section.level == 1 for section in page.sections)


def _with_anchors(tokens: list[Token], sections: Sequence[Section]) -> list[Token]:
    """Give each section's heading its id, and put the ids of the others where they belong."""
    waiting = [section for section in sections if section.anchor]
    by_line = {section.line: section for section in waiting}
    for index, token in enumerate(tokens):
        if token.type != "heading_open" or token.map is None:
            continue
        section = by_line.pop(token.map[0] + 1, None)
        if section is not None:
            token.attrSet("id", section.anchor)
            closing = next(later for later in tokens[index:] if later.type == "heading_close")
            closing.meta = {"section": section}
        _drop_attribute_list(tokens[index + 1])
    # A heading that this parser does not see, such as one of HTML, is still a target.
    lost = sorted(by_line.values(), key=lambda section: section.line)
    placed: list[Token] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0 and token.map is not None:
            while lost and lost[0].line <= token.map[0] + 1:
                placed.append(_target(lost.pop(0)))
        placed.append(token)
    return placed + [_target(section) for section in lost]


def _target(section: Section) -> Token:
    return Token("anchor_target", "span", 0, attrs={"id": section.anchor}, block=True)


def _drop_attribute_list(inline: Token) -> None:
    """Take a trailing `{ #id .class }`, which generators read and readers don't, off a heading."""
    if inline.children and inline.children[-1].type == "text":
        last = inline.children[-1]
        last.content = _ATTRIBUTE_LIST.sub("", last.content)


def _set_target(token: Token, resolve: ResolveLink) -> None:
    href = str(token.attrGet("href") or "")
    url = urlsplit(href)
    if url.scheme:
        if url.scheme.lower() not in _LINK_SCHEMES:
            del token.attrs["href"]
        else:
            token.attrSet("rel", "noopener noreferrer")
    elif url.netloc:
        token.attrSet("href", f"https:{href}")
        token.attrSet("rel", "noopener noreferrer")
    elif url.path and (address := resolve(url.path)) is not None:
        token.attrSet("href", f"{address}#{url.fragment}" if url.fragment else address)


class _PageRenderer(RendererHTML):
    """Renders tokens; each method is the rule of the token type it is named after."""

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        section: Section | None = tokens[idx].meta.get("section")
        anchor = ""
        if section is not None:
            label = escape(f"Link to “{section.heading}”")
            target = escape(section.anchor)
            anchor = f'<a class="anchor" href="#{target}" aria-label="{label}">#</a>'
        return f"{anchor}</{tokens[idx].tag}>\n"

    def anchor_target(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return f'<span id="{escape(str(tokens[idx].attrGet("id")))}"></span>'

    def html_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return block_html(tokens[idx].content)

    def html_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return inline_html(tokens[idx].content)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alt = escape(self.renderInlineAsText(token.children, options, env))
        source = str(token.attrGet("src") or "")
        if urlsplit(source).scheme.lower() not in _IMAGE_SCHEMES:
            # The index keeps text alone, so pictures of the docs folder are not there to be served.
            return f'<span class="image">{alt}</span>' if alt else ""
        return (
            f'<img src="{escape(source)}" alt="{alt}" loading="lazy" referrerpolicy="no-referrer">'
        )

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return '<div class="table" role="region" aria-label="Table" tabindex="0"><table>\n'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _cell(tokens[idx])

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _cell(tokens[idx])

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        info = tokens[idx].info.split()
        return _code(tokens[idx].content, language=info[0] if info else "")

    def code_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return _code(tokens[idx].content, language="")


def _cell(token: Token) -> str:
    """Open a table's cell; its alignment is a class, as the page's policy bars inline styles."""
    style = str(token.attrGet("style") or "")
    align = style.removeprefix("text-align:")
    return (
        f'<{token.tag} class="{align}">'
        if align in {"left", "center", "right"}
        else f"<{token.tag}>"
    )


def _code(text: str, *, language: str) -> str:
    try:
        shown = highlight(text, get_lexer_by_name(language, stripnl=False), _FORMATTER)
    except ClassNotFound:
        shown = escape(text)
    label = f' data-language="{escape(language)}"' if language else ""
    return f'<pre tabindex="0"{label}><code>{shown}</code></pre>\n'
