"""References of Sphinx that have no text of their own: they show the title of what they lead to."""

import posixpath
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from ingest.anchors.docutils import docutils_id
from ingest.sources import SourceError, read_bytes, walk

# The role of a reference in a title, whose id is made of what is written, not of what is shown.
SHOWN_AS = "shown-as"

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
# Titles with such references: their ids are made of what is written there.
_RST_REFERRING = re.compile(
    r"^(?P<title>[^\n]*:(?:ref|doc):`[^\n]*)(?=\n(?P<under>[!-/:-@\[-`{-~])(?P=under)+[ \t]*$)",
    re.MULTILINE,
)
_RST_REFERENCE = re.compile(r":(?:\w+:)*(?P<role>ref|doc):`(?P<target>[^`<>\n]+)`")
_MYST_REFERRING = re.compile(
    r"^#{1,6}[ \t][^\n]*(?:\{(?:ref|doc)\}`|\[\]\()[^\n]*(?<!\})$", re.MULTILINE
)
_MYST_REFERENCE = re.compile(r"\{(?:\w+:)*(?:ref|doc)\}`([^`<>\n]+)`")
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

        def titled_title(reference: re.Match[str]) -> str:
            title = self._title(path, reference)
            shown = f":{SHOWN_AS}:`{title} <{reference['target']}>`"
            return shown if title else reference[0]

        if path.endswith((".rst", ".txt")):
            text = _RST_REFERRING.sub(lambda line: _RST_REFERENCE.sub(titled_title, line[0]), text)
        else:
            text = _MYST_REFERRING.sub(lambda line: _with_id(line[0]), text)
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
        role = reference.string[: reference.start("target") - 2]
        if role.endswith("doc"):
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
                text = read_bytes(self._docs, path).decode("utf-8", "replace")
            except SourceError:
                continue  # Reading the page in earnest reports it.
            text = text.replace("\r\n", "\n")
            is_markdown = suffix in {".md", ".myst"}
            if found := (_MYST_TITLE if is_markdown else _RST_TITLE).search(text):
                pages[f"/{name}"] = _plain(found["title"])
            for label in (_MYST_LABEL if is_markdown else _RST_LABEL).finditer(f"\n{text}"):
                labels[_normal(label["label"].strip("`"))] = _plain(label["title"])
        return labels, pages


def _with_id(heading: str) -> str:
    """Write the id behind a heading that MyST makes of it before references are resolved."""
    # A run that finds nothing changed reads no Markdown.
    from ingest.readers.inline import heading_text  # noqa: PLC0415

    written = _LINK.sub("", _MYST_REFERENCE.sub(r"\1", heading)).lstrip("#")
    return f"{heading} {{#{docutils_id(heading_text(written).text)}}}"


def _normal(label: str) -> str:
    return " ".join(label.replace("\\", "").lower().split())


def _plain(title: str) -> str:
    """Return a title without markup, as a reference may hold it."""
    shown = _MARKUP.sub(lambda found: _shown(found[1] or ""), title)
    return " ".join(shown.replace("<", "").replace(">", "").replace("`", "").split())


def _shown(marked: str) -> str:
    text = _TITLED_LINK.sub("", marked)
    return text.rpartition(".")[2] if text.startswith("~") else text
