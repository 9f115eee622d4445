"""Code of built pages: its text and language, however a highlighter lays it out."""

from selectolax.lexbor import LexborNode

from ingest.readers import markdown_writer as markdown

# What is no language among the classes that name one.
_NO_LANGUAGES = frozenset({"default", "none"})


def code_of(node: LexborNode) -> str:
    """Return the text of code, whose lines may be nodes, or end in `<br>`."""
    if node.css_first("br, div") is None:
        return node.text()
    parts: list[str] = []
    _add_lines(node, parts)
    return "".join(parts)


def _add_lines(node: LexborNode, parts: list[str]) -> None:
    for child in node.iter(include_text=True):
        match child.tag:
            case "-text":
                parts.append(child.text())
            case "br":
                parts.append("\n")
            case "div":
                _end_line(parts)
                _add_lines(child, parts)
                _end_line(parts)
            case _:
                _add_lines(child, parts)


def _end_line(parts: list[str]) -> None:
    if parts and not parts[-1].endswith("\n"):
        parts.append("\n")


def language_of(node: LexborNode) -> str:
    """Find the language in classes such as `language-py`, here or close by."""
    if named := node.attributes.get("data-language"):
        return "" if named in _NO_LANGUAGES else named
    code = node.css_first("code")
    near = [node, code, node.parent, node.parent.parent if node.parent is not None else None]
    for candidate in near:
        classes = (candidate.attributes.get("class") or "") if candidate is not None else ""
        for name in classes.split():
            for prefix in ("language-", "lang-", "highlight-", "source-"):
                if name.startswith(prefix):
                    language = name.removeprefix(prefix)
                    return "" if language in _NO_LANGUAGES else language
    return ""


def highlighted(node: LexborNode, classes: list[str]) -> str:
    """Write code that a table splits into line numbers and text, or with a node for each line."""
    if "member-signature" in classes:
        return markdown.fenced(
            node.text().replace("\u200b", "").replace("\xa0", " ").strip(), "java"
        )
    if "fragment" in classes and node.css_first("div.line") is not None:
        return markdown.fenced("\n".join(line.text().rstrip() for line in node.css("div.line")))
    if not any(name.startswith("highlight") for name in classes):
        return ""
    code = node.css_first("td.code pre")
    return markdown.fenced(code.text().strip("\n"), language_of(node)) if code is not None else ""
