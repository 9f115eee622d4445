"""Where a generator's pages lie when the folder of its configuration is given as the docs."""

import tomllib
from pathlib import Path

from ingest.configuration import (
    VITEPRESS_CONFIGS,
    configuration,
    string_of,
    text_of,
)
from ingest.hugo_settings import hugo_settings
from ingest.mkdocs_settings import mkdocs_settings


def beside_configuration(_folder: Path) -> str:
    """Find pages where the configuration is."""
    return "."


def of_mkdocs(folder: Path) -> str:
    """Read MkDocs' `docs_dir`."""
    return text_of(mkdocs_settings(folder), "docs_dir") or "docs"


def of_vitepress(folder: Path) -> str:
    """Read VitePress' `srcDir`."""
    return string_of(configuration(folder, VITEPRESS_CONFIGS), "srcDir") or "."


def of_mdbook(folder: Path) -> str:
    """Read mdBook's `src`."""
    try:
        book = tomllib.loads(configuration(folder, ["book.toml"])).get("book")
    except tomllib.TOMLDecodeError:
        book = None
    return (text_of(book, "src") if isinstance(book, dict) else "") or "src"


def of_hugo(folder: Path) -> str:
    """Read Hugo's `contentDir`."""
    return text_of(hugo_settings(folder)[1], "contentdir") or "content"
