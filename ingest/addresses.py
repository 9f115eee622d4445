"""The rule for addresses that a generator's configuration asks for instead of the usual one."""

from pathlib import Path

from ingest import urls
from ingest.configuration import configuration, is_set, yaml_settings
from ingest.urls import ConfiguredRule


def as_usual(_docs: Path) -> None:
    """Leave it at the generator's own rule."""


def of_mkdocs(docs: Path) -> ConfiguredRule | None:
    """Read MkDocs' `use_directory_urls`."""
    settings = yaml_settings(configuration(docs, ["mkdocs.yml", "mkdocs.yaml"]))
    is_off = str(settings.get("use_directory_urls", "")).lower() in {"false", "no", "off"}
    return _configured(urls.mkdocs_file_address) if is_off else None


def of_docusaurus(docs: Path) -> ConfiguredRule | None:
    """Read Docusaurus' `trailingSlash`."""
    text = configuration(docs, ["docusaurus.config.*", "website/docusaurus.config.*"])
    if is_set(text, "trailingSlash", "true"):
        return _configured(urls.docusaurus_slashed_address)
    if is_set(text, "trailingSlash", "false"):
        return _configured(urls.docusaurus_unslashed_address)
    return None


def of_vitepress(docs: Path) -> ConfiguredRule | None:
    """Read VitePress' `cleanUrls`."""
    text = configuration(docs, [".vitepress/config.*"])
    return _configured(urls.clean_address) if is_set(text, "cleanUrls", "true") else None


def _configured(rule: urls.Rule) -> ConfiguredRule:
    return ConfiguredRule(rule, rule.__name__)
