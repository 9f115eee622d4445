"""What a docs folder is a part of: its project, and the generator of its site."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ingest.generators import (
    BUILT_HTML,
    DOCUSAURUS,
    MKDOCS,
    PLAIN,
    SPHINX,
    Generator,
    by_configuration,
)

# Folders that a project keeps its docs in, often one in another: `docs/en/docs`.
_DOCS_FOLDERS = re.compile(
    r"docs?|documentation|site|website|content|source|src|guide|book|[a-z]{2}(?:[-_][A-Za-z]{2,4})?"
)
_MATERIAL = re.compile(r"^(?:/// ?\w|!!! \w|\?\?\?\+? \w|=== [\"'])", re.MULTILINE)
_DOCUSAURUS = re.compile(r"^:::\w+|^import \w+ from ['\"]@(?:theme|site)/", re.MULTILINE)
_RST = re.compile(r"^\.\. (?:toctree|code-block|note|contents|module)::", re.MULTILINE)
_SUFFIXES = frozenset({".md", ".mdx", ".rst", ".txt"})
_SAMPLE = 200


def project_of(docs: Path) -> Path:
    """Return the folder that pages may include files from: the repository that `docs` is in.

    Without a repository it is the folder that holds `docs`, if that is called as docs are.
    """
    for folder in (docs, *docs.parents):
        if (folder / ".git").exists():
            return folder
    while _DOCS_FOLDERS.fullmatch(docs.name) and docs.parent.name:
        docs = docs.parent
    return docs


def detect_generator(docs: Path, project: Path) -> Generator:
    """Find the generator by its configuration in `docs` or above, or else by what pages hold."""
    folders = (folder for folder in (docs, *docs.parents) if folder.is_relative_to(project))
    return by_configuration(folders) or _by_pages(docs)


def _by_pages(docs: Path) -> Generator:
    if not any(_pages(docs)) and any(docs.rglob("*.html")):
        return BUILT_HTML
    votes = {MKDOCS: 0, DOCUSAURUS: 0, SPHINX: 0}
    for page in islice(_pages(docs), _SAMPLE):
        match page.suffix:
            case ".mdx":
                votes[DOCUSAURUS] += 1
                continue
            case ".rst":
                votes[SPHINX] += 1
                continue
        try:
            text = page.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # Reading the pages in earnest reports it.
        if page.suffix == ".txt":
            votes[SPHINX] += bool(_RST.search(text))
            continue
        votes[MKDOCS] += bool(_MATERIAL.search(text))
        votes[DOCUSAURUS] += bool(_DOCUSAURUS.search(text))
    generator = max(votes, key=lambda candidate: votes[candidate])
    return generator if votes[generator] else PLAIN


def _pages(docs: Path) -> Iterator[Path]:
    for page in sorted(docs.rglob("*.*")):
        # Sphinx puts the sources of a built site beside it.
        if page.suffix in _SUFFIXES and "_sources" not in page.parts:
            yield page
