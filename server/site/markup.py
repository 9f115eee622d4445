"""HTML inside Markdown: docs are not trusted, so only a few bare tags are kept, and the text."""

import re
from html import escape
from html.parser import HTMLParser

_KEPT_TAGS = frozenset({"br", "kbd", "mark", "sub", "sup", "wbr"})
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")
_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg"})
_BREAKING = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "section"})


def inline_html(source: str) -> str:
    """Return a tag that is harmless without its attributes, or nothing."""
    tag = _TAG.match(source)
    if tag is None or tag[1].lower() not in _KEPT_TAGS:
        return ""
    slash = "/" if source.startswith("</") else ""
    return f"<{slash}{tag[1].lower()}>"


def block_html(source: str) -> str:
    """Return the text of a block of HTML as escaped paragraphs."""
    reader = _TextReader()
    reader.feed(source)
    reader.close()
    return "".join(f"<p>{escape(text)}</p>\n" for text in reader.paragraphs())


class _TextReader(HTMLParser):
    """Collects what a reader would see of some HTML: its text and its images' descriptions."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silent = 0

    def paragraphs(self) -> list[str]:
        lines = ("".join(self._parts)).split("\n\n")
        return [text for line in lines if (text := " ".join(line.split()))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BREAKING:
            self._parts.append("\n\n")
        elif tag == "img":
            self._parts.append(dict(attrs).get("alt") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BREAKING:
            self._parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(data)
