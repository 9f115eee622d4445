"""Main content of a built page as Markdown: blocks and what is inline, headings with their ids."""

from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborNode

from ingest.readers import markdown_writer as markdown
from ingest.readers.html_code import code_of, highlighted, language_of

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "header", "hr", "li", "main", "ol"),
        *("p", "pre", "section", "summary", "table", "ul", *_HEADINGS),
    }
)
_ADMONITIONS = frozenset({"note", "tip", "important", "warning", "caution"})
# Containers that DocBook and Sphinx, or AsciiDoc, make of an admonition, and where its title is.
_ADMONITION_TITLES = ".admonition-title, .title, h3"
_WRAPPERS = frozenset({"div", "header", "section", "article", "span", "main"})
# Deeper than this there is no page that anyone wrote.
_DEEPEST = 100


class HtmlWriter:
    """Writes one page; remembers ids that stand in front of the heading they belong to."""

    def __init__(self) -> None:
        self._waiting_id = ""
        # How many lists, quotes and tables are open: in there, a heading begins no section.
        self._within = 0

    def write(self, main: LexborNode) -> str:
        """Write the main content of the page."""
        return self._blocks(main, depth=0)

    def _blocks(self, parent: LexborNode, *, depth: int) -> str:
        """Write a node's children: blocks as such, and what is between them as paragraphs."""
        if depth > _DEEPEST:
            return markdown.paragraph(markdown.escaped(parent.text()))
        written: list[str] = []
        inline = target = ""
        for child in parent.iter(include_text=True):
            if child.tag in _BLOCKS or _has_blocks(child):
                if child.tag in _HEADINGS and not inline.strip():
                    self._waiting_id = self._waiting_id or target
                written += [markdown.paragraph(_one_line(inline)), self._block(child, depth)]
                inline = target = ""
            else:
                # Doxygen puts an empty link with the id in front of the heading.
                target = child.id or target if child.tag == "a" else target
                inline += self._inline(child)
        return markdown.blocks([*written, markdown.paragraph(_one_line(inline))])

    def _block(self, node: LexborNode, depth: int) -> str:
        match node.tag:
            case "p" | "summary" | "figcaption" | "dt" if not _has_blocks(node):
                return markdown.paragraph(_one_line(self._inlines(node)))
            case "pre":
                return markdown.fenced(code_of(node).strip("\n"), language_of(node))
            case "table":
                return self._table(node, depth)
            case "ul" if _is_layout(node):
                return self._blocks(node, depth=depth + 1)
            case "ul" | "ol" | "dl" | "blockquote":
                self._within += 1
                text = self._nested(node, depth)
                self._within -= 1
                return text
            case "hr":
                return ""
            case tag if tag in _HEADINGS:
                return self._heading(node)
            case _:
                return self._container(node, depth)

    def _nested(self, node: LexborNode, depth: int) -> str:
        """Write what holds other blocks in parts of its own."""
        match node.tag:
            case "blockquote":
                return markdown.quote(self._blocks(node, depth=depth + 1))
            case "dl":
                return self._definitions(node, depth)
            case _:
                return self._list(node, depth)

    def _heading(self, node: LexborNode) -> str:
        anchor = node.css_first("a[id], a[name], span[id]")
        inner = (anchor and (anchor.id or anchor.attributes.get("name"))) or ""
        explicit_id, self._waiting_id = node.id or self._waiting_id or inner, ""
        text = self._inlines(node)
        if self._within:
            return markdown.wrapped("**", " ".join(text.split()))
        return markdown.heading(_HEADINGS[node.tag or ""], text, explicit_id)

    def _container(self, node: LexborNode, depth: int) -> str:
        classes = (node.attributes.get("class") or "").split()
        if _is_admonition(node, classes):
            return self._admonition(node, classes, depth)
        if node.attributes.get("role") == "tabpanel" and node.attributes.get("aria-label"):
            label = node.attributes["aria-label"] or ""
            return markdown.admonition("tab", label, self._blocks(node, depth=depth + 1))
        if code := highlighted(node, classes):
            return code
        if "headertitle" in classes:
            # Doxygen's title is no heading.
            return markdown.heading(1, self._inlines(node), "")
        if node.id and _begins_with_heading(node):
            # Sphinx and DocBook give the id to the section around the heading.
            self._waiting_id = node.id
        return self._blocks(node, depth=depth + 1)

    def _admonition(self, node: LexborNode, classes: list[str], depth: int) -> str:
        kinds = [name for name in classes if name.isalpha() and not name.startswith("admonition")]
        title = node.css_first(_ADMONITION_TITLES)
        words = title.text().strip() if title is not None else ""
        if title is not None:
            title.decompose()
        kind = kinds[0] if kinds else words.lower() if words.lower() in _ADMONITIONS else "note"
        # AsciiDoc makes a table of it, with an icon in front.
        content = node.css_first("td.content") or node
        return markdown.admonition(
            kind, "" if words.lower() == kind else words, self._blocks(content, depth=depth + 1)
        )

    def _list(self, node: LexborNode, depth: int) -> str:
        start = node.attributes.get("start") or "1"
        number = int(start) if start.isdecimal() else 1
        written: list[str] = []
        for child in node.iter(include_text=True):
            if text := self._part(child, depth):
                # What is no item, in a list that is wrong so, is kept as one.
                marker = f"{number + len(written)}. " if node.tag == "ol" else "- "
                written.append(markdown.item(marker, text))
        return markdown.items(written)

    def _part(self, node: LexborNode, depth: int) -> str:
        """Write what is in an item of a list, be it text alone."""
        if node.tag == "-text":
            return markdown.paragraph(_one_line(self._inline(node)))
        return self._blocks(node, depth=depth + 1)

    def _definitions(self, node: LexborNode, depth: int) -> str:
        """Write terms and what is said of them as list items."""
        written: list[str] = []
        terms: list[str] = []
        for child in _definition_parts(node):
            if child.tag == "dt":
                terms.append(markdown.wrapped("**", _one_line(self._inlines(child))))
            elif body := self._part(child, depth):
                written.append(markdown.item("- ", markdown.blocks([", ".join(terms), body])))
                terms = []
        return "\n\n".join([*written, *(f"- {term}" for term in terms)])

    def _table(self, node: LexborNode, depth: int) -> str:
        if "memname" in (node.attributes.get("class") or "").split():
            # Doxygen lays out the signature of a function so.
            return markdown.code_span(node.text())
        cells = [[cell for cell in row.iter() if cell.tag in {"td", "th"}] for row in _rows(node)]
        if max(map(len, cells), default=0) < 2:
            # One column is layout, not data.
            return markdown.blocks(self._blocks(row[0], depth=depth + 1) for row in cells if row)
        self._within += 1
        rows = [[self._blocks(cell, depth=depth + 1) for cell in row] for row in cells]
        self._within -= 1
        return markdown.table([row for row in rows if any(map(str.strip, row))])

    def _inlines(self, node: LexborNode) -> str:
        return "".join(self._inline(child) for child in node.iter(include_text=True))

    def _inline(self, node: LexborNode) -> str:
        write = _INLINE.get(node.tag or "")
        if node.tag == "-text":
            return markdown.escaped(node.text())
        if write is not None:
            return write(node, self._inlines(node))
        return "" if (node.tag or "").startswith("-") else self._inlines(node)


def _rows(table: LexborNode) -> Iterator[LexborNode]:
    """Yield a table's own rows; those of tables within are in its cells."""
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in child.iter() if row.tag == "tr")


def _link(node: LexborNode, inner: str) -> str:
    href = node.attributes.get("href") or ""
    is_link = href.startswith(("http://", "https://")) and inner.strip() and "\n\n" not in inner
    return f"[{inner.strip()}]({href})" if is_link else inner


def _image(node: LexborNode, _inner: str) -> str:
    alt = node.attributes.get("alt") or ""
    return f"![{alt}]({node.attributes.get('src') or ''})" if alt else ""


_INLINE: dict[str, Callable[[LexborNode, str], str]] = {
    "a": _link,
    "img": _image,
    "br": lambda _node, _inner: "\n",
    **{
        tag: lambda node, _inner: markdown.code_span(node.text())
        for tag in ("code", "tt", "kbd", "samp", "var")
    },
    **{tag: lambda _node, inner: markdown.wrapped("**", inner) for tag in ("b", "strong")},
    **{tag: lambda _node, inner: markdown.wrapped("*", inner) for tag in ("em", "i", "cite")},
}


def _has_blocks(node: LexborNode) -> bool:
    return any(child.tag in _BLOCKS or _has_blocks(child) for child in node.iter())


def _begins_with_heading(node: LexborNode) -> bool:
    """Tell whether a heading is the first that is shown of a node, however deep it lies."""
    inner: LexborNode | None = node
    while inner is not None and inner.tag in _WRAPPERS:
        shown = (child for child in inner.iter(include_text=True) if _is_shown(child))
        inner = next(shown, None)
    return inner is not None and inner.tag in _HEADINGS


def _is_layout(node: LexborNode) -> bool:
    """Tell a list whose items are sections, as Javadoc's."""
    items = [child for child in node.iter() if child.tag == "li"]
    return bool(items) and all(map(_is_section, items))


def _is_section(item: LexborNode) -> bool:
    first = next(iter(item.iter()), None)
    return first is not None and first.tag == "section" and _begins_with_heading(first)


def _is_shown(node: LexborNode) -> bool:
    return node.tag in _HEADINGS or bool(node.text().strip())


def _is_admonition(node: LexborNode, classes: list[str]) -> bool:
    if "admonition" in classes or "admonitionblock" in classes:
        return True
    # DocBook's has no class but its kind, and a heading of its own that begins no section.
    return not _ADMONITIONS.isdisjoint(classes) and node.css_first("h3.title") is not None


def _definition_parts(node: LexborNode) -> Iterator[LexborNode]:
    for child in node.iter(include_text=True):
        if child.tag == "div":
            yield from _definition_parts(child)
        elif child.tag == "-text" or not (child.tag or "").startswith("-"):
            yield child


def _one_line(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.strip().split("\n"))
