"""Read reStructuredText: docutils parses it, and it becomes Markdown with its own ids."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

from docutils import nodes
from docutils.core import publish_doctree

from ingest.anchors import Slugger
from ingest.audience import audience_of, audience_of_unreadable
from ingest.document import Document, Notice
from ingest.readers import markdown_writer as markdown
from ingest.readers.markdown import read_markdown
from ingest.readers.rst.directives import register_directives
from ingest.readers.rst.roles import register_roles
from ingest.readers.rst.to_markdown import to_markdown

_TOCTREE = re.compile(r"^[ \t]*\.\. toctree::", re.MULTILINE)
_GIVEN_TWICE = re.compile(r"Duplicate explicit target name: \"([^\"]*)\"")
_SETTINGS = {
    # Nothing is read, run or fetched on a page's say-so; includes are resolved by this project.
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    # As Sphinx has it: the first title is a section like any other, and made ids are `id1`.
    "doctitle_xform": False,
    "sectsubtitle_xform": False,
    "auto_id_prefix": "id",
    "smart_quotes": False,
    "syntax_highlight": "none",
    "report_level": 5,
    "halt_level": 5,
    "traceback": True,
    "line_length_limit": 1_000_000,
}


def read_rst(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page of reStructuredText.

    Its text, and with it the line numbers, are those of the Markdown that it becomes. The ids are
    docutils' own; `slugger` serves headings that have none.
    """
    try:
        doctree = _parsed(path, source)
        text = to_markdown(doctree)
    except RecursionError:
        notice = Notice(path, 1, "nested too deeply; read as plain text")
        document = read_markdown(path, markdown.paragraph(markdown.escaped(source)), slugger)
        return replace(
            document,
            notices=(notice, *document.notices),
            audience=audience_of_unreadable(source),
        )
    document = read_markdown(path, text, slugger)
    return replace(
        document,
        notices=(*_notices(path, doctree), *document.notices),
        audience=audience_of(_fields(doctree)),
        lists_pages=_TOCTREE.search(source) is not None,
    )


def embedded_rst(path: str, source: str) -> tuple[str, tuple[Notice, ...]]:
    """Write RST that stands in a page of another format as Markdown."""
    try:
        doctree = _parsed(path, source)
        return to_markdown(doctree).strip("\n"), tuple(_notices(path, doctree))
    except RecursionError:
        return markdown.fenced(source, "rst"), (
            Notice(path, 1, "nested too deeply; left as it is"),
        )


def _parsed(path: str, source: str) -> nodes.document:
    register_directives(source)
    register_roles(source)
    overrides = {**_SETTINGS, "warning_stream": io.StringIO()}
    return publish_doctree(source, source_path=path, settings_overrides=overrides)


def _notices(path: str, doctree: nodes.document) -> Iterator[Notice]:
    """Yield what the directives left behind, the same message once: at its first place."""
    told: set[str] = set()
    for message in doctree.findall(nodes.system_message):
        if twice := _GIVEN_TWICE.search(message.astext()):
            yield Notice(path, message["line"], f"the label {twice[1]} is given twice")
    for comment in doctree.findall(nodes.comment):
        told_by = comment.get("notice", "")
        if told_by and told_by not in told:
            told.add(told_by)
            yield Notice(path, comment["line"], told_by)


def _fields(doctree: nodes.document) -> dict[str, object]:
    """Return the metadata of a page: the list of fields at its top, and `meta` directives."""
    fields: dict[str, object] = {
        meta["name"].lower(): meta["content"]
        for meta in doctree.findall(nodes.meta)
        # One may stand for a header of HTTP instead, such as a redirection.
        if "name" in meta
    }
    for docinfo in doctree.findall(nodes.docinfo):
        for field in docinfo.findall(nodes.field):
            name, body = field.children
            fields[name.astext().strip().lower()] = body.astext()
    return fields
