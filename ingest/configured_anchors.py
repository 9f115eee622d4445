"""The rule for anchors that a generator's configuration asks for instead of the usual one."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import yaml

from ingest.anchors import HeadingRules, Slugger
from ingest.anchors.docutils import DocutilsSlugger
from ingest.anchors.hugo import HugoSlugger, blackfriday_slug, hugo_ascii_slug, hugo_slug
from ingest.anchors.none import NoSlugger
from ingest.anchors.python_markdown import (
    PythonMarkdownSlugger,
    pymdownx_slug,
    python_markdown_slug,
)
from ingest.configuration import text_of
from ingest.hugo_settings import group_of, hugo_settings
from ingest.mkdocs_settings import mkdocs_texts
from ingest.sphinx_settings import sphinx_settings

_HUGO_SLUGS = MappingProxyType(
    {"github": hugo_slug, "github-ascii": hugo_ascii_slug, "blackfriday": blackfriday_slug}
)
_TOC = ("toc", "markdown.extensions.toc")
# What older names of pymdownx.slugs stand for.
_CASES = MappingProxyType({"uslugify": "lower", "uslugify_cased": "none", "gfm": "lower-ascii"})


class ConfiguredSlugger(NamedTuple):
    """A rule for anchors; `named` tells it from others."""

    new: Callable[[], Slugger]
    named: str


def as_usual(_docs: Path) -> None:
    """Leave it at the generator's own rule."""


def of_hugo(docs: Path) -> ConfiguredSlugger | None:
    """Read Goldmark's `autoHeadingID` and `autoHeadingIDType`."""
    settings = hugo_settings(docs)[1]
    for name in ("markup", "goldmark", "parser"):
        settings = group_of(settings, name)
    if text_of(settings, "autoheadingid").lower() == "false":
        return ConfiguredSlugger(NoSlugger, "none")
    kind = text_of(settings, "autoheadingidtype") or text_of(settings, "autoidtype")
    slug = _HUGO_SLUGS.get(kind)
    if slug is None or slug is hugo_slug:
        return None
    return ConfiguredSlugger(partial(HugoSlugger, slug), kind)


def of_sphinx(docs: Path) -> ConfiguredSlugger | None:
    """Read which typography MyST's `myst_enable_extensions` ask for."""
    found = sphinx_settings(docs, frozenset({"myst_enable_extensions"}))
    extensions = found.get("myst_enable_extensions")
    if not isinstance(extensions, list | tuple | set):
        return None
    kept, smart = "smartquotes" not in extensions, "replacements" in extensions
    if kept and not smart:
        return None
    new = partial(DocutilsSlugger, HeadingRules(smart=smart), quotes=kept)
    return ConfiguredSlugger(new, f"{smart} {kept}")


def of_mkdocs(docs: Path) -> ConfiguredSlugger | None:
    """Read `slugify` and `separator` of Python-Markdown's `toc`."""
    options = _inherited_toc_options(mkdocs_texts(docs))
    if "slugify" not in options and "separator" not in options:
        return None
    found = options.get("separator")
    separator = found.value if isinstance(found, yaml.ScalarNode) else "-"
    slugify = options.get("slugify")
    name, given = _function(slugify) if slugify else ("", {})
    if not name.startswith("pymdownx.slugs."):
        keeps_unicode = name.endswith(".slugify_unicode")
        if separator == "-" and not keeps_unicode:
            return None
        slug = partial(python_markdown_slug, separator=separator, keeps_unicode=keeps_unicode)
        return _python_markdown(slug, f"{separator} {keeps_unicode}")
    short = name.rpartition(".")[2].removesuffix("_encoded")
    case = given.get("case") or _CASES.get(short, "none")
    encoded = name.endswith("_encoded") or given.get("percent_encode", "").lower() == "true"
    form = given.get("normalize", "NFC")
    slug = partial(pymdownx_slug, case=case, encoded=encoded, form=form, separator=separator)
    return _python_markdown(slug, f"{case} {encoded} {form} {separator}")


def _python_markdown(slug: Callable[[str], str], named: str) -> ConfiguredSlugger:
    return ConfiguredSlugger(partial(PythonMarkdownSlugger, slug), named)


def _inherited_toc_options(texts: Iterable[str]) -> dict[str, yaml.Node]:
    """Return the options by the first configuration that names extensions."""
    for text in texts:
        if "markdown_extensions" not in text:
            continue
        if "slugify" not in text and "separator" not in text:
            return {}
        try:
            return _toc_options(yaml.compose(text, Loader=yaml.SafeLoader))
        except (yaml.YAMLError, RecursionError):
            return {}
    return {}


def _toc_options(root: yaml.Node | None) -> dict[str, yaml.Node]:
    extensions = _entries(root).get("markdown_extensions")
    items = extensions.value if isinstance(extensions, yaml.SequenceNode) else [extensions]
    for item in items:
        entries = _entries(item)
        for name in _TOC:
            if name in entries:
                return _entries(entries[name])
    return {}


def _entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _function(node: yaml.Node) -> tuple[str, dict[str, str]]:
    """Return the name of a Python function that is named or called by a tag, and its options."""
    kind, _, name = node.tag.rpartition(":")
    if not kind.endswith(("python/name", "python/object/apply")):
        return "", {}
    options = _entries(_entries(node).get("kwds"))
    return name, {
        key: value.value for key, value in options.items() if isinstance(value, yaml.ScalarNode)
    }
