"""A docutils tree becomes Markdown: headings with their ids, and all that is text."""

import re
import textwrap
from collections.abc import Iterable, Sequence

from docutils import nodes

_SPECIAL = re.compile(r"([\\`*]|(?<![^\W_])_|_(?![^\W_])|<(?=[a-zA-Z/!]))")
_STARTS_A_BLOCK = re.compile(
    r"^(?P<before>\s*\d*)(?P<mark>#{1,6}\s|[-+>]\s|(?<=\d)[.)]\s|:::|///|=+\s*$|-+\s*$)",
    re.MULTILINE,
)
_SKIPPED = (
    nodes.comment,
    nodes.system_message,
    nodes.substitution_definition,
    nodes.target,
    nodes.raw,
    nodes.meta,
    nodes.docinfo,
    nodes.transition,
    nodes.decoration,
    nodes.pending,
)


def to_markdown(document: nodes.document) -> str:
    """Write a document down as Markdown."""
    children = list(document.children)
    # Fields in front of everything are the page's metadata.
    while children and isinstance(children[0], (nodes.comment, nodes.field_list, nodes.docinfo)):
        del children[0]
    return _blocks(children, level=1) + "\n"


def _blocks(children: Iterable[nodes.Node], *, level: int) -> str:
    written = (_block(child, level) for child in children)
    return "\n\n".join(text for text in written if text.strip())


def _block(node: nodes.Node, level: int) -> str:
    match node:
        case nodes.section():
            heading, *content = node.children
            return (
                f"{_heading(node, heading, level)}\n\n{_blocks(content, level=level + 1)}".rstrip()
            )
        case nodes.Text():
            return _escaped(node.astext())
        case nodes.literal_block() | nodes.doctest_block():
            return _code(node)
        case nodes.math_block():
            return f"$$\n{node.astext()}\n$$"
        case nodes.bullet_list():
            return _list(node, ["- "] * len(node), level)
        case nodes.enumerated_list():
            start = int(node.get("start", 1))
            return _list(node, [f"{start + n}. " for n in range(len(node))], level)
        case nodes.definition_list() | nodes.field_list() | nodes.option_list():
            return "\n\n".join(_definition(item, level) for item in node.children)
        case nodes.block_quote():
            return textwrap.indent(_blocks(node.children, level=level), "> ", lambda _line: True)
        case nodes.table():
            return _table(node)
        case nodes.image():
            return _inline(node)
        case nodes.line_block():
            return "  \n".join(_line_block(node))
        case nodes.footnote() | nodes.citation():
            label, *content = node.children
            return f"[{label.astext()}] {_blocks(content, level=level)}"
        case nodes.rubric():
            return f"**{_inline(node)}**"
        case nodes.Element() if isinstance(node, (nodes.Admonition, nodes.topic, nodes.sidebar)):
            return _admonition(node, level)
        case nodes.TextElement():
            return _paragraph(node)
        case _ if isinstance(node, _SKIPPED):
            return ""
        case _:
            return _blocks(node.children, level=level)


def _heading(section: nodes.section, title: nodes.Node, level: int) -> str:
    text = " ".join(_inline(title).split())
    ids = section["ids"]
    explicit_id = f" {{#{ids[0]}}}" if ids else ""
    return f"{'#' * min(level, 6)} {text}{explicit_id}"


def _paragraph(node: nodes.TextElement) -> str:
    return _STARTS_A_BLOCK.sub(r"\g<before>\\\g<mark>", _inline(node)).strip()


def _code(node: nodes.Element) -> str:
    text = node.astext()
    language = node.get("language", "")
    if not language:
        language = next((name for name in node["classes"] if name != "code"), "")
    if isinstance(node, nodes.doctest_block):
        language = "pycon"
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    filename = node.get("filename", "")
    title = f' title="{filename}"' if filename else ""
    return f"{fence}{language.split()[0] if language else ''}{title}\n{text}\n{fence}"


def _list(node: nodes.Element, markers: Sequence[str], level: int) -> str:
    items = [
        _under(marker, _blocks(item.children, level=level))
        for marker, item in zip(markers, node.children, strict=True)
    ]
    loose = any("\n\n" in item for item in items)
    return ("\n\n" if loose else "\n").join(items)


def _under(marker: str, text: str) -> str:
    return marker + textwrap.indent(text, " " * len(marker)).lstrip()


def _definition(item: nodes.Node, level: int) -> str:
    """Write a term and what is said of it as a list item."""
    terms: list[str] = []
    bodies: list[nodes.Node] = []
    for child in item.children:
        if isinstance(child, (nodes.definition, nodes.field_body, nodes.description)):
            bodies += child.children
        elif isinstance(child, nodes.option_group):
            terms.append(", ".join(f"`{option.astext()}`" for option in child.children))
        else:
            terms.append(_inline(child) if isinstance(child, nodes.Element) else child.astext())
    term = " : ".join(" ".join(text.split()) for text in terms)
    term = term if term.startswith(("`", "**")) else f"**{term}**"
    body = _blocks(bodies, level=level)
    return _under("- ", f"{term}\n\n{body}" if body else term)


def _table(node: nodes.table) -> str:
    rows = [
        [
            " ".join(_blocks(entry.children, level=6).split()).replace("|", "\\|")
            for entry in row.children
        ]
        for row in node.findall(nodes.row)
    ]
    if not rows:
        return ""
    width = max(map(len, rows))
    cells = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    titles = [f"**{_inline(title)}**\n\n" for title in node.findall(nodes.title)]
    return "".join(titles) + "\n".join([cells[0], "|" + "---|" * width, *cells[1:]])


def _line_block(node: nodes.Element) -> list[str]:
    lines: list[str] = []
    for child in node.children:
        if isinstance(child, nodes.line_block):
            lines += _line_block(child)
        else:
            lines.append(_inline(child))
    return lines


def _admonition(node: nodes.Element, level: int) -> str:
    kind = node.get("kind") or node.tagname
    kind = "note" if kind == "admonition" else kind
    children = list(node.children)
    title = ""
    if children and isinstance(children[0], nodes.title):
        title = " ".join(_inline(children.pop(0)).split())
    body = _blocks(children, level=level)
    opening = f":::{kind} {title}".rstrip()
    return f"{opening}\n\n{body}\n\n:::" if body else f"**{title}**" if title else ""


def _inline(node: nodes.Node) -> str:
    match node:
        case nodes.Text():
            return _escaped(node.astext())
        case nodes.literal() | nodes.math():
            return _code_span(node.astext())
        case nodes.strong():
            inner = "".join(map(_inline, node.children))
            return f"**{inner}**" if inner.strip() else ""
        case nodes.emphasis() | nodes.title_reference():
            inner = "".join(map(_inline, node.children))
            return f"*{inner}*" if inner.strip() else ""
        case nodes.reference() if "refuri" in node:
            inner = "".join(map(_inline, node.children))
            return inner if inner == node["refuri"] else f"[{inner}]({node['refuri']})"
        case nodes.image():
            alt = node.get("alt", "")
            return f"![{alt}]({node['uri']})" if alt else ""
        case nodes.footnote_reference() | nodes.citation_reference():
            return f"[{node.astext()}]"
        case nodes.system_message() | nodes.target() | nodes.raw() | nodes.comment():
            return ""
        case nodes.problematic():
            return _escaped(node.astext().strip("`_|"))
        case _:
            return "".join(map(_inline, node.children))


def _code_span(text: str) -> str:
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}" if text else ""


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("\0", ""))
