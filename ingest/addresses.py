"""The rule for addresses that a generator's configuration asks for instead of the usual one."""

import posixpath
from collections.abc import Mapping
from pathlib import Path

from ingest import docusaurus_addresses, docusaurus_settings, urls
from ingest.configuration import (
    VITEPRESS_CONFIGS,
    configuration,
    configuration_file,
    is_set,
    line_of,
    names_of,
    pairs_of,
)
from ingest.document import Notice
from ingest.rewrites import Rewrite
from ingest.urls import ConfiguredRule


def as_usual(_docs: Path) -> None:
    """Leave it at the generator's own rule."""


def of_docusaurus(docs: Path) -> ConfiguredRule | None:
    """Read Docusaurus' `trailingSlash`, and of a whole site its routes and versions."""
    text = configuration(docs, docusaurus_settings.CONFIGS)
    site = docusaurus_addresses.whole_site(docs)
    ending = next((end for end in ("true", "false") if is_set(text, "trailingSlash", end)), "")
    if site is None and not ending:
        return None
    rule = site or urls.docusaurus_address

    def ended(page: str, fields: Mapping[str, str]) -> str:
        address = rule(page, fields)
        if not ending or not address:
            return address
        return address.rstrip("/") + ("/" if ending == "true" else "")

    return ConfiguredRule(ended, f"{site or ''} {ending}")


def of_vitepress(docs: Path) -> ConfiguredRule | None:
    """Read VitePress' `cleanUrls` and `rewrites`."""
    text = configuration(docs, VITEPRESS_CONFIGS)
    rule = urls.clean_address if is_set(text, "cleanUrls", "true") else urls.vitepress_address
    pairs = pairs_of(text, "rewrites")
    rewrites = [found for pair in pairs if (found := Rewrite.of(*pair)) is not None]
    if not rewrites:
        return _configured(rule) if rule is urls.clean_address else None

    def rewritten(page: str, fields: Mapping[str, str]) -> str:
        paths = (rewrite.apply(f"{page}.md") for rewrite in rewrites)
        path = next((path for path in paths if path is not None), page)
        return rule(path.removesuffix(".md"), fields)

    return ConfiguredRule(rewritten, f"{rule.__name__} {pairs}")


def vitepress_locales(docs: Path) -> frozenset[str]:
    """Return the folders of the site's languages; that of the root has none."""
    return frozenset(names_of(configuration(docs, VITEPRESS_CONFIGS), "locales")) - {"root"}


def not_followed_of_vitepress(docs: Path) -> tuple[Notice, ...]:
    """Tell of `rewrites` that aren't written out, such as a function: they aren't followed."""
    file = configuration_file(docs, VITEPRESS_CONFIGS)
    text = configuration(docs, VITEPRESS_CONFIGS)
    line = line_of(text, "rewrites")
    if file is None or not line:
        return ()
    pairs = pairs_of(text, "rewrites")
    unknown = [source for source, target in pairs if Rewrite.of(source, target) is None]
    if pairs and not unknown:
        return ()
    what = ", ".join(unknown) or "they are not written out as pairs of texts"
    path = posixpath.relpath(file, docs)
    return (Notice(path, line, f"rewrites that can't be followed ({what}); links may be wrong"),)


def _configured(rule: urls.Rule) -> ConfiguredRule:
    return ConfiguredRule(rule, rule.__name__)
