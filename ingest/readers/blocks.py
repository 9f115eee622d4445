"""Markdown tokens become blocks that know how they may be cut."""

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it.token import Token

from ingest.document import Block, BlockKind

_LIST_MARKER = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_QUOTE_MARKER = re.compile(r"[ ]{0,3}>[ ]?")
_HTML_COMMENT = re.compile(r"\s*<!--(?:(?!-->).)*(?:-->\s*|$)", re.DOTALL)
# HTML that shows nothing by itself, such as a target of links or one end of a container.
_BARE_TAGS = re.compile(
    r"(?:\s*</?(?:a|article|aside|b|br|center|col|colgroup|dd|details|div|dl|dt|em|figure|font"
    r"|footer|header|hr|i|li|main|nav|ol|p|picture|section|small|span|strong|sub|sup|table|tbody"
    r"|td|th|thead|tr|ul)(?:\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?/?>)+\s*",
    re.IGNORECASE,
)
# An item of a table of contents that is written by hand, or by a tool.
_CONTENTS_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+\[[^\n]*\]\(#[^()\s]*\)\s*")


def token_groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield each outermost token with all that is nested in it."""
    start = depth = 0
    for position, token in enumerate(tokens):
        if depth == 0:
            start = position
        depth += token.nesting
        if depth == 0:
            yield tokens[start : position + 1]


def build_blocks(
    groups: Iterable[Sequence[Token]], lines: Sequence[str], first: int = 0
) -> list[Block]:
    """Build the blocks of groups of tokens; `lines[0]` is the line that their maps call `first`."""
    return [block for group in groups if (block := _build_block(group, lines, first)) is not None]


def _build_inner(group: Sequence[Token], lines: Sequence[str], first: int) -> list[Block]:
    return build_blocks(token_groups(group[1:-1]), lines, first)


def _build_block(group: Sequence[Token], lines: Sequence[str], first: int) -> Block | None:
    opening = group[0]
    if opening.map is None:
        return None
    start, end = opening.map
    own = list(lines[start - first : end - first])
    while len(own) > 1 and not own[-1].strip():
        own.pop()
    if not own[0].strip() and not any(map(str.strip, own)):
        return None
    if opening.type == "paragraph":
        return None if _is_bare(own) else _block(BlockKind.TEXT, own, start)
    children: list[Block] = []
    match opening.type:
        case "fence":
            return _fence(opening, own, start)
        case "code_block":
            return _block(BlockKind.CODE, own, start)
        case "table_open":
            return _block(BlockKind.TABLE, own, start, head="\n".join(own[:2]))
        case "bullet_list_open" | "ordered_list_open" if _is_contents(own):
            return None
        case "bullet_list_open" | "ordered_list_open":
            children = _build_inner(group, own, start)
        case "list_item_open":
            children = _build_inner(group, _item_lines(own), start)
            children = _with_marker(children, own[0])
        case "blockquote_open":
            unquoted = [_QUOTE_MARKER.sub("", line, count=1) for line in own]
            children = _build_inner(group, unquoted, start)
        case "container_open":
            return _container(group, own, start)
        case "html_block" if _is_bare(own) or _HTML_COMMENT.fullmatch("\n".join(own)):
            return None
        case "hr" | "jsx" | "autodoc":
            return None
    # Without children it is a leaf, or lies at the parser's nesting limit and is kept as text.
    kind = BlockKind.CONTAINER if children else BlockKind.TEXT
    return _block(kind, own, start, children=tuple(children))


def _is_bare(lines: Sequence[str]) -> bool:
    return lines[0].lstrip()[:1] == "<" and _BARE_TAGS.fullmatch("\n".join(lines)) is not None


def _is_contents(lines: Sequence[str]) -> bool:
    """Tell a list of links to the page's own headings, and nothing else."""
    if len(lines) < 2 or not _CONTENTS_ITEM.fullmatch(lines[0]):
        return False
    return all(_CONTENTS_ITEM.fullmatch(line) for line in lines if line.strip())


def _container(group: Sequence[Token], lines: Sequence[str], start: int) -> Block:
    """Build an admonition, a tab or the like; its first line says what it is."""
    indented = bool(group[0].meta["indented"])
    inner = [unindented(line) for line in lines] if indented else lines
    children = _build_inner(group, inner, start)
    if not children:
        return _block(BlockKind.TEXT, lines, start)
    return _block(
        BlockKind.CONTAINER,
        lines,
        start,
        head=lines[0],
        tail="" if indented else lines[-1],
        indentation="    " if indented else "",
        children=tuple(children),
    )


def _block(
    kind: BlockKind,
    lines: Sequence[str],
    start: int,
    *,
    head: str = "",
    tail: str = "",
    indentation: str = "",
    children: tuple[Block, ...] = (),
) -> Block:
    text = "\n".join(lines)
    return Block(kind, text, start + 1, start + len(lines), head, tail, indentation, children)


def _fence(token: Token, lines: Sequence[str], start: int) -> Block:
    opening, last = lines[0], lines[-1].strip()
    if len(lines) > 1 and last.startswith(token.markup) and not last.strip(token.markup[0]):
        return _block(BlockKind.CODE, lines, start, head=opening, tail=lines[-1])
    # A fence that its container's end closes gets its closing line, so that a passage never
    # opens a fence over what is put behind it.
    closing = opening[: len(opening) - len(opening.lstrip())] + token.markup
    return Block(
        BlockKind.CODE,
        "\n".join([*lines, closing]),
        start + 1,
        start + len(lines),
        head=opening,
        tail=closing,
    )


def _item_lines(lines: Sequence[str]) -> list[str]:
    """Return the lines of a list item without its marker and indentation."""
    opening = lines[0].expandtabs(4)
    marker = _LIST_MARKER.match(opening)
    width = marker.end() if marker else 0
    rest = opening[width:]
    padding = len(rest) - len(rest.lstrip(" "))
    # Five and more spaces behind the marker begin indented code, which keeps its indentation.
    if padding < 4 and rest.strip():
        width += padding
    inner = [opening[width:]]
    for written in lines[1:]:
        line = _expand_indentation(written)
        indentation = len(line) - len(line.lstrip(" "))
        inner.append(line[min(width, indentation) :])
    return inner


def _with_marker(children: list[Block], first_line: str) -> list[Block]:
    """Put the item's marker back in front of its first child when that is text."""
    marker = _LIST_MARKER.match(first_line)
    if not children or marker is None or children[0].kind is not BlockKind.TEXT:
        return children
    first = children[0]
    text = f"{marker[0].strip()} {first.text.lstrip()}"
    marked = Block(first.kind, text, first.start_line, first.end_line)
    return [marked, *children[1:]]


def unindented(line: str) -> str:
    """Take four columns of indentation off."""
    expanded = _expand_indentation(line)
    return expanded[4:] if expanded[:4].isspace() else expanded.lstrip()


def _expand_indentation(line: str) -> str:
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(4) + body
