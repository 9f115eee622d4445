"""References of Sphinx that have no text of their own: they show the title of what they lead to."""

import posixpath
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from ingest.sources import walk

_ADORNED = (
    r"(?:(?P<over>[!-/:-@\[-`{-~])(?P=over){2,}[ \t]*\n)?"
    r"[ \t]*(?P<title>[^\s][^\n]*)\n(?P<under>[!-/:-@\[-`{-~])(?P=under){2,}[ \t]*$"
)
# Searched in a text with a line's end in front: one literal to look for is the fastest.
_RST_LABEL = re.compile(
    r"\n\.\. _(?P<label>[^\n]+?):[ \t]*(?=\n(?:[ \t]*\n|\.\. _[^\n]+:[ \t]*\n)*" + _ADORNED + ")",
    re.MULTILINE,
)
_RST_TITLE = re.compile(rf"^{_ADORNED}", re.MULTILINE)
_MYST_LABEL = re.compile(
    r"\n\((?P<label>[^()\n]+)\)=[ \t]*(?=\n(?:[ \t]*\n|\([^()\n]+\)=[ \t]*\n)*#{1,6}[ \t]+"
    r"(?P<title>[^\n]+))",
    re.MULTILINE,
)
_MYST_TITLE = re.compile(r"^#[ \t]+(?P<title>[^\n]+)", re.MULTILINE)
# `:ref:` and `:doc:`, in MyST `{ref}` and `{doc}`, with a target alone.
_REFERENCE = re.compile(r"(?<=[:{](?:ref|doc)[:}])`(?P<target>[^`<>\n]+)`")
# MyST's links without a text: `[](#label)`, `[](page.md)`.
_LINK = re.compile(r"\[\]\((?P<target>[^()\s<>]+)\)")
_MARKUP = re.compile(r"(?::[\w+:.-]+:|\{[\w+:.-]+\})?`+([^`]*)`+_{0,2}|[*|\\]+|\s*\{#[^{}]*\}")
_TITLED_LINK = re.compile(r"\s*<[^<>]*>")
_SUFFIXES = (".rst", ".txt", ".md", ".myst")


def may_refer(content: bytes) -> bool:
    """Tell cheaply whether a page may hold such a reference."""
    return any(mark in content for mark in (b"ref:`", b"doc:`", b"{ref}`", b"{doc}`", b"[]("))


class Labels:
    """The titles that a Sphinx project's labels and pages stand for."""

    def __init__(self, docs: Path, is_page: Callable[[str], bool]) -> None:
        self._docs = docs
        self._is_page = is_page

    def resolve(self, path: str, text: str) -> str:
        """Put titles into the references of the page at `path` that have none."""

        def titled(reference: re.Match[str]) -> str:
            title = self._title(path, reference)
            return f"`{title} <{reference['target']}>`" if title else reference[0]

        def linked(link: re.Match[str]) -> str:
            return f"[{self._linked(path, link)}]({link['target']})"

        text = _REFERENCE.sub(titled, text)
        return _LINK.sub(linked, text) if "[](" in text else text

    def titles(self, path: str, text: str) -> str:
        """Return the titles that `resolve` puts in, one a line: what the page depends on."""
        titles = [self._title(path, reference) for reference in _REFERENCE.finditer(text)]
        titles += (self._linked(path, link) for link in _LINK.finditer(text))
        return "\n".join(titles)

    def _title(self, path: str, reference: re.Match[str]) -> str:
        labels, pages = self._known
        target = reference["target"]
        start = reference.start()
        if reference.string[start - 4 : start - 1] == "doc":
            name = posixpath.normpath(posixpath.join("/", posixpath.dirname(path), target))
            return pages.get(posixpath.splitext(name)[0] if name.endswith(".md") else name, "")
        return labels.get(_normal(target), "")

    def _linked(self, path: str, link: re.Match[str]) -> str:
        labels, pages = self._known
        target, _, label = link["target"].partition("#")
        if not target:
            return labels.get(_normal(label), "")
        name = posixpath.normpath(posixpath.join("/", posixpath.dirname(path), target))
        return pages.get(posixpath.splitext(name)[0], "")

    @cached_property
    def _known(self) -> tuple[dict[str, str], dict[str, str]]:
        """The titles by label, and by the page's path without its suffix, from "/"."""
        labels: dict[str, str] = {}
        pages: dict[str, str] = {}
        for path in filter(self._is_page, walk(self._docs)):
            name, suffix = posixpath.splitext(path)
            if suffix not in _SUFFIXES:
                continue
            try:
                text = (self._docs / path).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # Reading the page in earnest reports it.
            is_markdown = suffix in {".md", ".myst"}
            if found := (_MYST_TITLE if is_markdown else _RST_TITLE).search(text):
                pages[f"/{name}"] = _plain(found["title"])
            for label in (_MYST_LABEL if is_markdown else _RST_LABEL).finditer(f"\n{text}"):
                labels[_normal(label["label"].strip("`"))] = _plain(label["title"])
        return labels, pages


def _normal(label: str) -> str:
    return " ".join(label.replace("\\", "").lower().split())


def _plain(title: str) -> str:
    """Return a title without markup, as a reference may hold it."""
    shown = _MARKUP.sub(lambda found: _shown(found[1] or ""), title)
    return " ".join(shown.replace("<", "").replace(">", "").replace("`", "").split())


def _shown(marked: str) -> str:
    text = _TITLED_LINK.sub("", marked)
    return text.rpartition(".")[2] if text.startswith("~") else text
