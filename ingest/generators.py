"""The site generators that are known, and how to tell which one a docs folder is for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest import (
    addresses,
    configured_anchors,
    exclusions,
    hugo_addresses,
    jekyll,
    mkdocs_addresses,
    mkdocs_settings,
    pages_folders,
    publishing,
    starlight,
    urls,
)
from ingest.anchors import Slugger
from ingest.anchors.docusaurus import docusaurus_slugger
from ingest.anchors.docutils import DocutilsSlugger
from ingest.anchors.github import github_slugger
from ingest.anchors.hugo import HugoSlugger
from ingest.anchors.kramdown import KramdownSlugger
from ingest.anchors.mdbook import mdbook_slugger
from ingest.anchors.none import NoSlugger
from ingest.anchors.python_markdown import PythonMarkdownSlugger
from ingest.anchors.vitepress import vitepress_slugger
from ingest.configuration import VITEPRESS_CONFIGS
from ingest.configured_anchors import ConfiguredSlugger
from ingest.document import Notice
from ingest.hugo_settings import is_hugo_site
from ingest.readers import DOCUSAURUS as DOCUSAURUS_READERS
from ingest.readers import HTML, MARKDOWN, MYST, MYST_NOTEBOOK, NOTEBOOK, RST, RST_TEXT, Readers
from ingest.readers import HUGO as HUGO_READERS
from ingest.readers import JEKYLL as JEKYLL_READERS
from ingest.readers import MDBOOK as MDBOOK_READERS
from ingest.readers import VITEPRESS as VITEPRESS_READERS
from store.errors import SettingsError


@dataclass(frozen=True, slots=True, eq=False)
class Generator:
    """The rules of a site generator.

    `configs` are globs of files that lie in the docs folder, or above it, when it is used, and
    `told_by` says so of a folder by what a file of a common name holds; there, `pages` names the
    folder of its pages. `ignored` are globs of files, from "/" in that folder, that it makes no
    page of; `publishes` and `withholds` tell it by the folder and by a file's content. `addresses`
    and `anchors` choose the rules that the configuration asks for instead of the usual. `titles`
    are what it calls pages that have no heading, `languages` what their names may end in,
    `language_folders` what folders of one language are called, and `notices` tell of settings that
    aren't followed.
    `has_labels` is for Sphinx, whose pages refer to each other by them, `has_partials` for pages
    that import others.
    """

    name: str
    slugger: Callable[[], Slugger]
    address: urls.Rule
    configs: tuple[str, ...] = ()
    told_by: Callable[[Path], bool] = publishing.by_nothing_else
    readers: Readers = field(default_factory=lambda: MARKDOWN)
    pages: Callable[[Path], str] = pages_folders.beside_configuration
    ignored: tuple[str, ...] = ()
    publishes: publishing.Rule = publishing.everything
    withholds: Callable[[bytes], bool] = publishing.nothing
    anchors: Callable[[Path], ConfiguredSlugger | None] = configured_anchors.as_usual
    addresses: Callable[[Path], urls.ConfiguredRule | None] = addresses.as_usual
    titles: Callable[[Path], Mapping[str, str]] = publishing.no_titles
    languages: Callable[[Path], frozenset[str]] = publishing.no_languages
    language_folders: Callable[[Path], frozenset[str]] = publishing.no_languages
    notices: Callable[[Path], tuple[Notice, ...]] = publishing.nothing_to_tell
    has_includes: bool = True
    has_labels: bool = False
    has_partials: bool = False


PLAIN = Generator(
    "plain",
    github_slugger,
    urls.plain_address,
    readers={**MARKDOWN, **RST, **NOTEBOOK},
)
MKDOCS = Generator(
    "mkdocs",
    PythonMarkdownSlugger,
    urls.mkdocs_address,
    configs=mkdocs_settings.CONFIGS,
    pages=pages_folders.of_mkdocs,
    publishes=exclusions.outside_exclude_docs,
    addresses=mkdocs_addresses.of_mkdocs,
    languages=mkdocs_addresses.mkdocs_languages,
    language_folders=mkdocs_addresses.mkdocs_language_folders,
    withholds=publishing.is_draft_post,
    anchors=configured_anchors.of_mkdocs,
    readers={**MARKDOWN, **NOTEBOOK},
)
DOCUSAURUS = Generator(
    "docusaurus",
    docusaurus_slugger,
    urls.docusaurus_address,
    configs=("docusaurus.config.*",),
    readers=DOCUSAURUS_READERS,
    publishes=exclusions.of_docusaurus,
    # What begins with an underscore is a part of other pages.
    ignored=("*/_*",),
    addresses=addresses.of_docusaurus,
    withholds=publishing.is_unlisted,
    has_partials=True,
)
STARLIGHT = Generator(
    "starlight",
    starlight.starlight_slugger,
    starlight.starlight_address,
    told_by=starlight.is_starlight,
    pages=starlight.pages_of_starlight,
    readers=DOCUSAURUS_READERS,
    ignored=("*/_*",),
    addresses=starlight.of_starlight,
    language_folders=starlight.starlight_locales,
    withholds=publishing.is_unlisted,
    has_partials=True,
)
VITEPRESS = Generator(
    "vitepress",
    vitepress_slugger,
    urls.vitepress_address,
    configs=VITEPRESS_CONFIGS,
    pages=pages_folders.of_vitepress,
    readers=VITEPRESS_READERS,
    publishes=exclusions.outside_src_exclude,
    addresses=addresses.of_vitepress,
    language_folders=addresses.vitepress_locales,
    notices=addresses.not_followed_of_vitepress,
)
MDBOOK = Generator(
    "mdbook",
    mdbook_slugger,
    urls.mdbook_address,
    configs=("book.toml",),
    pages=pages_folders.of_mdbook,
    readers=MDBOOK_READERS,
    ignored=("*/SUMMARY.md",),
    publishes=publishing.in_summary,
    titles=publishing.summary_titles,
)
HUGO = Generator(
    "hugo",
    HugoSlugger,
    urls.hugo_address,
    readers=HUGO_READERS,
    configs=("hugo.toml", "hugo.y*ml", "hugo.json", "config/_default/*.*"),
    told_by=is_hugo_site,
    pages=pages_folders.of_hugo,
    publishes=publishing.outside_bundles,
    addresses=hugo_addresses.of_hugo,
    anchors=configured_anchors.of_hugo,
    languages=hugo_addresses.hugo_languages,
    withholds=publishing.is_withheld_by_hugo,
)
JEKYLL = Generator(
    "jekyll",
    KramdownSlugger,
    jekyll.JekyllAddresses(),
    told_by=jekyll.is_jekyll,
    readers=JEKYLL_READERS,
    publishes=jekyll.in_jekyll_site,
    addresses=jekyll.of_jekyll,
    withholds=jekyll.is_unpublished,
)
SPHINX = Generator(
    "sphinx",
    DocutilsSlugger,
    urls.sphinx_address,
    # Of the second, a Jupyter Book, Sphinx' configuration is made.
    configs=("conf.py", "_toc.yml"),
    readers={**MYST, **RST, **RST_TEXT, **MYST_NOTEBOOK},
    ignored=("*/_*/*", "*/requirements*.txt", "*/robots.txt", "*/CMakeLists.txt"),
    publishes=publishing.in_sphinx_project,
    anchors=configured_anchors.of_sphinx,
    has_labels=True,
)
BUILT_HTML = Generator(
    "html",
    NoSlugger,
    urls.built_address,
    readers=HTML,
    ignored=(
        "*/_*/*",
        "*/genindex*",
        "*/*-modindex.html",
        "*/search.html",
        "*/404.html",
        "*/bookindex.html",
        "*/ix01.html",
    ),
    withholds=publishing.is_kept_from_search,
    has_includes=False,
)

GENERATORS = (
    MKDOCS,
    DOCUSAURUS,
    STARLIGHT,
    VITEPRESS,
    MDBOOK,
    HUGO,
    JEKYLL,
    SPHINX,
    BUILT_HTML,
    PLAIN,
)


def generator_named(name: str) -> Generator:
    """Return the generator of that name; raises `SettingsError` when there is none."""
    for generator in GENERATORS:
        if generator.name == name:
            return generator
    names = ", ".join(generator.name for generator in GENERATORS)
    raise SettingsError("--generator", f"{name} is none of {names}")


def is_configured(generator: Generator, folder: Path) -> bool:
    """Tell whether a generator's configuration lies in a folder."""
    by_name = any(any(folder.glob(config)) for config in generator.configs)
    return by_name or generator.told_by(folder)


def by_configuration(folders: Iterable[Path]) -> Generator | None:
    """Return the generator whose configuration lies in the first of `folders` that has one."""
    for folder in folders:
        for generator in GENERATORS:
            if is_configured(generator, folder):
                return generator
    return None
