"""Jupyter notebooks: Markdown and code cells, without outputs."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

from ingest.anchors import Slugger
from ingest.audience import audience_of
from ingest.document import Document, Notice
from ingest.readers.markdown import read_markdown
from ingest.readers.markdown_writer import blocks, fenced
from ingest.readers.myst import read_myst
from store.records import EVERYONE

# Tags by which builders leave a cell's code out.
_REMOVED = frozenset({"remove-cell", "remove-input"})
# Cells that nbsphinx makes a list of other pages of.
_LISTS = frozenset({"nbsphinx-toctree", "nbsphinx-gallery", "nbsphinx-link-gallery"})
# JSON can hold halves of characters, which no encoding takes.
_HALVES = re.compile(r"[\ud800-\udfff]")
_CELL_MAGIC = re.compile(r"\s*%%(bash|sh|javascript|js|html|latex|perl|ruby|R|sql)\b")


def read_notebook(path: str, source: str, slugger: Slugger) -> Document:
    """Read a notebook; its text, and with it the line numbers, are those of its cells."""
    return _read(path, source, slugger, read_markdown)


def read_myst_notebook(path: str, source: str, slugger: Slugger) -> Document:
    """Read a notebook of a Sphinx project, whose Markdown is MyST."""
    return _read(path, source, slugger, read_myst)


def _read(
    path: str, source: str, slugger: Slugger, reader: Callable[[str, str, Slugger], Document]
) -> Document:
    try:
        notebook = json.loads(source)
    except (json.JSONDecodeError, RecursionError):
        notebook = None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        document = reader(path, "", slugger)
        return replace(document, notices=(Notice(path, 1, "not a notebook; left out"),))
    language = _language(notebook.get("metadata"))
    cells = (_cell(cell, language) for cell in notebook["cells"] if isinstance(cell, dict))
    text = _HALVES.sub("\ufffd", blocks(cells))
    document = reader(path, text + "\n", slugger)
    metadata = notebook.get("metadata")
    if document.audience != EVERYONE or not isinstance(metadata, dict):
        return document
    return replace(document, audience=audience_of(metadata))


def _cell(cell: dict[str, object], language: str) -> str:
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    match cell.get("cell_type"):
        case "markdown":
            return "" if _tags(cell) & _LISTS else text
        case "code" if text.strip() and not _tags(cell) & _REMOVED:
            # A cell may be in another language as a whole: `%%bash`.
            magic = _CELL_MAGIC.match(text)
            return fenced(text.strip("\n"), magic[1] if magic else language)
        case _:
            return ""


def _tags(cell: dict[str, object]) -> set[str]:
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        return set()
    tags = metadata.get("tags")
    named = [*metadata, *(tags if isinstance(tags, list) else ())]
    return {name.replace("_", "-") for name in named if isinstance(name, str)}


def _language(metadata: object) -> str:
    for key in ("language_info", "kernelspec"):
        info = metadata.get(key) if isinstance(metadata, dict) else None
        name = (info.get("name") or info.get("language")) if isinstance(info, dict) else None
        if isinstance(name, str):
            return "python" if name.startswith("python") else name
    return "python"
