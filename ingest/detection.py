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
    is_configured,
)
from ingest.sources import walk

# Folders that a project keeps its docs in, often one in another: `docs/en/docs`.
_DOCS_FOLDERS = re.compile(
    r"docs?|documentation|site|website|content|source|src|guide|book|[a-z]{2}(?:[-_][A-Za-z]{2,4})?"
)
_MATERIAL = re.compile(r"^(?:/// ?\w|!!! \w|\?\?\?\+? \w|=== [\"'])", re.MULTILINE)
_DOCUSAURUS = re.compile(r"^:::\w+|^import \w+ from ['\"]@(?:theme|site)/", re.MULTILINE)
# A directive, or the label of a title.
_MYST = re.compile(r"^(?:`{3,}|:{3,})\{[a-z][\w:-]{2,}\}|^\([\w.:-]+\)=\n+#{1,6} ", re.MULTILINE)
_RST = re.compile(r"^\.\. (?:toctree|code-block|note|contents|module)::", re.MULTILINE)
_SAMPLE = 200
_SAMPLE_CHARACTERS = 100_000
# Where Sphinx puts the pages and their configuration when it is asked to.
_SOURCES = "source"


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
    above = (folder for folder in docs.parents if folder.is_relative_to(project))
    return by_configuration((docs, docs / _SOURCES, *above)) or _by_pages(docs)


def pages_folder(docs: Path, generator: Generator) -> Path:
    """Return the folder of the pages: `docs`, or what the configuration that lies there names."""
    for folder in (docs, docs / _SOURCES):
        if is_configured(generator, folder):
            pages = (folder / generator.pages(folder)).resolve()
            return pages if pages.is_dir() and pages.is_relative_to(folder) else folder
    return docs


def _by_pages(docs: Path) -> Generator:
    votes = {MKDOCS: 0, DOCUSAURUS: 0, SPHINX: 0, PLAIN: 0}
    if not docs.is_dir():
        return PLAIN  # Reading the pages in earnest reports it.
    for page in islice(_pages(docs), _SAMPLE):
        votes[_vote(page)] += 1
    if not any(votes.values()):
        has_html = any(path.endswith(".html") for path in walk(docs))
        return BUILT_HTML if has_html else PLAIN
    # A page may well hold nothing of its generator's own.
    del votes[PLAIN]
    generator = max(votes, key=lambda candidate: votes[candidate])
    return generator if votes[generator] else PLAIN


def _pages(docs: Path) -> Iterator[Path]:
    for path in walk(docs):
        page = docs / path
        # Sphinx puts the sources of a built site beside it.
        is_source = page.suffix in {".md", ".mdx", ".rst"} or _is_rst_text(page)
        if is_source and "_sources" not in page.parts:
            yield page


def _vote(page: Path) -> Generator:
    match page.suffix:
        case ".mdx":
            return DOCUSAURUS
        case ".rst" | ".txt":
            return SPHINX
    text = _text(page)
    if _MATERIAL.search(text):
        return MKDOCS
    if _MYST.search(text):
        return SPHINX
    return DOCUSAURUS if _DOCUSAURUS.search(text) else PLAIN


def _is_rst_text(page: Path) -> bool:
    return page.suffix == ".txt" and bool(_RST.search(_text(page)))


def _text(page: Path) -> str:
    try:
        with page.open(encoding="utf-8", errors="replace") as file:
            return file.read(_SAMPLE_CHARACTERS)
    except OSError:
        return ""  # Reading the pages in earnest reports it.
