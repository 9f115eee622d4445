"""The site generators that are known, and how to tell which one a docs folder is for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest import urls
from ingest.anchors import Slugger
from ingest.anchors.docusaurus import DocusaurusSlugger
from ingest.anchors.docutils import DocutilsSlugger
from ingest.anchors.github import github_slugger
from ingest.anchors.hugo import hugo_slugger
from ingest.anchors.mdbook import mdbook_slugger
from ingest.anchors.python_markdown import PythonMarkdownSlugger
from ingest.anchors.vitepress import vitepress_slugger


@dataclass(frozen=True, slots=True)
class Generator:
    """The rules of a site generator.

    `configs` are globs of files that lie in the docs folder, or above it, when it is used.
    """

    name: str
    configs: tuple[str, ...]
    slugger: Callable[[], Slugger]
    address: urls.Rule


PLAIN = Generator("plain", (), github_slugger, urls.plain_address)
MKDOCS = Generator(
    "mkdocs", ("mkdocs.yml", "mkdocs.yaml"), PythonMarkdownSlugger, urls.mkdocs_address
)
DOCUSAURUS = Generator(
    "docusaurus", ("docusaurus.config.*",), DocusaurusSlugger, urls.docusaurus_address
)
VITEPRESS = Generator(
    "vitepress", (".vitepress/config.*",), vitepress_slugger, urls.vitepress_address
)
MDBOOK = Generator("mdbook", ("book.toml",), mdbook_slugger, urls.mdbook_address)
HUGO = Generator(
    "hugo",
    ("hugo.toml", "hugo.yaml", "hugo.json", "config/_default/*.toml"),
    hugo_slugger,
    urls.hugo_address,
)
SPHINX = Generator("sphinx", ("conf.py",), DocutilsSlugger, urls.sphinx_address)

BUILT_HTML = Generator("html", (), github_slugger, urls.built_address)

GENERATORS = (MKDOCS, DOCUSAURUS, VITEPRESS, MDBOOK, HUGO, SPHINX, BUILT_HTML, PLAIN)


def by_configuration(folders: Iterable[Path]) -> Generator | None:
    """Return the generator whose configuration lies in the first of `folders` that has one."""
    for folder in folders:
        for generator in GENERATORS:
            if any(any(folder.glob(config)) for config in generator.configs):
                return generator
    return None
