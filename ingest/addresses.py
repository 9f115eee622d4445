"""The rule for addresses that a generator's configuration asks for instead of the usual one."""

from pathlib import Path

from ingest import urls
from ingest.configuration import configuration, is_set, yaml_settings


def as_usual(_docs: Path) -> None:
    """Leave it at the generator's own rule."""


def of_mkdocs(docs: Path) -> urls.Rule | None:
    """Read MkDocs' `use_directory_urls`."""
    settings = yaml_settings(configuration(docs, ["mkdocs.yml", "mkdocs.yaml"]))
    is_off = str(settings.get("use_directory_urls", "")).lower() in {"false", "no", "off"}
    return urls.mkdocs_file_address if is_off else None


def of_docusaurus(docs: Path) -> urls.Rule | None:
    """Read Docusaurus' `trailingSlash`."""
    text = configuration(docs, ["docusaurus.config.*", "website/docusaurus.config.*"])
    if is_set(text, "trailingSlash", "true"):
        return urls.docusaurus_slashed_address
    return urls.docusaurus_unslashed_address if is_set(text, "trailingSlash", "false") else None


def of_vitepress(docs: Path) -> urls.Rule | None:
    """Read VitePress' `cleanUrls`."""
    text = configuration(docs, [".vitepress/config.*"])
    return urls.clean_address if is_set(text, "cleanUrls", "true") else None


def of_hugo(docs: Path) -> urls.Rule | None:
    """Read Hugo's `uglyURLs`."""
    names = [
        f"{folder}{name}.*" for folder in ("", "config/_default/") for name in ("hugo", "config")
    ]
    text = configuration(docs, names)
    return urls.hugo_file_address if is_set(text, "(?i:uglyurls)", "true") else None
