"""A docutils tree becomes Markdown: headings with their ids, and all that is text."""

from collections.abc import Iterable, Sequence

from docutils import nodes

from ingest.readers import markdown_writer as markdown

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
# What is highlighted as no language, or as whichever it seems to be.
_NO_LANGUAGES = frozenset({"none", "text", "default", "guess"})


def to_markdown(document: nodes.document) -> str:
    """Write a document down as Markdown."""
    _name_languages(document)
    children = list(document.children)
    # Fields in front of everything are the page's metadata.
    while children and isinstance(children[0], (nodes.comment, nodes.field_list, nodes.docinfo)):
        del children[0]
    return _blocks(children, level=1) + "\n"


def _name_languages(document: nodes.document) -> None:
    """Give code that names no language the one of the `highlight` in front of it.

    One at the end of the page, where it would have no effect, is for all of it.
    """
    last = next(iter(reversed(document.children)), None)
    while isinstance(last, nodes.section) and last.children:
        last = last.children[-1]
    language = last.get("highlight", "") if isinstance(last, nodes.comment) else ""
    for node in document.findall():
        if isinstance(node, nodes.comment):
            language = node.get("highlight", language)
        elif isinstance(node, nodes.literal_block) and not node.get("language"):
            is_named = any(name != "code" for name in node["classes"])
            node["language"] = "" if is_named or language in _NO_LANGUAGES else language


def _blocks(children: Iterable[nodes.Node], *, level: int) -> str:
    return markdown.blocks(_block(child, level) for child in children)


def _block(node: nodes.Node, level: int) -> str:
    match node:
        case nodes.section():
            title, *content = node.children
            heading = markdown.heading(level, _inline(title), _section_id(node["ids"]))
            return markdown.blocks([heading, _blocks(content, level=level + 1)])
        case nodes.Text():
            return markdown.escaped(node.astext())
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
            return markdown.quote(_blocks(node.children, level=level))
        case nodes.table():
            return _table(node)
        case nodes.image():
            return _inline(node)
        case nodes.line_block():
            return "  \n".join(_lines(node))
        case nodes.footnote() | nodes.citation():
            label, *content = node.children
            return f"[{label.astext()}] {_blocks(content, level=level)}"
        case nodes.rubric():
            return markdown.wrapped("**", _inline(node))
        case nodes.Element() if isinstance(node, (nodes.Admonition, nodes.topic, nodes.sidebar)):
            return _admonition(node, level)
        case _ if isinstance(node, _SKIPPED):
            return ""
        case nodes.TextElement():
            return markdown.paragraph(_inline(node))
        case _:
            return _blocks(node.children, level=level)


def _section_id(ids: Sequence[str]) -> str:
    """Return the id that Sphinx gives a section: of a label, rather than one that is counted."""
    has_label = len(ids) > 1 and ids[0].startswith("id")
    return ids[1] if has_label else next(iter(ids), "")


def _code(node: nodes.Element) -> str:
    language: str = node.get("language", "")
    if not language:
        language = next((name for name in node["classes"] if name != "code"), "")
    if isinstance(node, nodes.doctest_block):
        language = "pycon"
    return markdown.fenced(node.astext(), language, title=node.get("filename", ""))


def _list(node: nodes.Element, markers: Sequence[str], level: int) -> str:
    return markdown.items(
        [
            markdown.item(marker, _blocks(child.children, level=level))
            for marker, child in zip(markers, node.children, strict=True)
        ]
    )


def _definition(item: nodes.Node, level: int) -> str:
    """Write a term and what is said of it as a list item."""
    terms: list[str] = []
    bodies: list[nodes.Node] = []
    for child in item.children:
        if isinstance(child, (nodes.definition, nodes.field_body, nodes.description)):
            bodies += child.children
        elif isinstance(child, nodes.option_group):
            terms.append(", ".join(f"`{option.astext()}`" for option in child.children))
        elif isinstance(child, nodes.field_name):
            terms.append(_field_name(child))
        else:
            terms.append(_inline(child))
    term = " : ".join(" ".join(text.split()) for text in terms)
    term = term if term.startswith(("`", "**")) else f"**{term}**"
    return markdown.item("- ", markdown.blocks([term, _blocks(bodies, level=level)]))


def _field_name(node: nodes.field_name) -> str:
    """Write the name of a field, those of Sphinx' domains as their meaning."""
    kind, _, argument = node.astext().partition(" ")
    *types, name = argument.split() or [""]
    match kind:
        case "param" | "parameter" | "arg" | "argument" | "key" | "keyword" | "kwarg" if name:
            shown = markdown.code_span(name)
            return f"{shown} ({markdown.escaped(' '.join(types))})" if types else shown
        case "raise" | "raises" | "except" | "exception" if name:
            return f"Raises {markdown.code_span(argument)}"
        case "return" | "returns":
            return f"Returns {markdown.escaped(argument)}".rstrip()
        case "rtype":
            return "Return type"
        case _:
            return _inlines(node)


def _table(node: nodes.table) -> str:
    rows = [
        [_blocks(entry.children, level=6) for entry in row.children]
        for row in node.findall(nodes.row)
    ]
    titles = [markdown.wrapped("**", _inline(title)) for title in node.findall(nodes.title)]
    return markdown.blocks([*titles, markdown.table(rows)])


def _lines(node: nodes.Element) -> list[str]:
    lines: list[str] = []
    for child in node.children:
        lines += _lines(child) if isinstance(child, nodes.line_block) else [_inline(child)]
    return lines


def _admonition(node: nodes.Element, level: int) -> str:
    kind = node.get("kind") or node.tagname
    children = list(node.children)
    title = ""
    if children and isinstance(children[0], nodes.title):
        title = _inline(children.pop(0))
    body = _blocks(children, level=level)
    return markdown.admonition("note" if kind == "admonition" else kind, title, body)


def _inline(node: nodes.Node) -> str:
    match node:
        case nodes.Text():
            return markdown.escaped(node.astext())
        case nodes.inline() if "shown" in node:
            return markdown.escaped(node["shown"])
        case nodes.literal() | nodes.math():
            return markdown.code_span(node.astext())
        case nodes.strong():
            return markdown.wrapped("**", _inlines(node))
        case nodes.emphasis() | nodes.title_reference():
            return markdown.wrapped("*", _inlines(node))
        case nodes.reference() if "refuri" in node:
            inner = _inlines(node)
            return inner if inner == node["refuri"] else f"[{inner}]({node['refuri']})"
        case nodes.image():
            alt = node.get("alt", "")
            return f"![{alt}]({node['uri']})" if alt else ""
        case nodes.footnote_reference() | nodes.citation_reference():
            return f"[{node.astext()}]"
        case nodes.system_message() | nodes.target() | nodes.raw() | nodes.comment():
            return ""
        case nodes.problematic():
            return markdown.escaped(node.astext().strip("`_|"))
        case _:
            return _inlines(node)


def _inlines(node: nodes.Node) -> str:
    return "".join(map(_inline, node.children))
