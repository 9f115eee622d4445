"""Jupyter notebooks: Markdown and code cells, without outputs."""

import json
from dataclasses import replace

from ingest.anchors import Slugger
from ingest.audience import audience_of
from ingest.document import Document, Notice
from ingest.readers.markdown import read_markdown
from ingest.readers.markdown_writer import blocks, fenced
from store.records import EVERYONE


def read_notebook(path: str, source: str, slugger: Slugger) -> Document:
    """Read a notebook; its text, and with it the line numbers, are those of its cells."""
    try:
        notebook = json.loads(source)
    except (json.JSONDecodeError, RecursionError):
        notebook = None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        document = read_markdown(path, "", slugger)
        return replace(document, notices=(Notice(path, 1, "not a notebook; left out"),))
    language = _language(notebook.get("metadata"))
    cells = (_cell(cell, language) for cell in notebook["cells"] if isinstance(cell, dict))
    document = read_markdown(path, blocks(cells) + "\n", slugger)
    metadata = notebook.get("metadata")
    if document.audience != EVERYONE or not isinstance(metadata, dict):
        return document
    return replace(document, audience=audience_of(metadata))


def _cell(cell: dict[str, object], language: str) -> str:
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    match cell.get("cell_type"):
        case "markdown":
            return text
        case "code" if text.strip():
            return fenced(text.strip("\n"), language)
        case _:
            return ""


def _language(metadata: object) -> str:
    for key in ("language_info", "kernelspec"):
        info = metadata.get(key) if isinstance(metadata, dict) else None
        name = (info.get("name") or info.get("language")) if isinstance(info, dict) else None
        if isinstance(name, str):
            return "python" if name.startswith("python") else name
    return "python"
