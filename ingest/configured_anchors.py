"""The rule for anchors that a generator's configuration asks for instead of the usual one."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote

import yaml

from ingest.anchors import HeadingRules, Slugger
from ingest.anchors.docutils import DocutilsSlugger
from ingest.anchors.hugo import HugoSlugger, blackfriday_slug, hugo_ascii_slug, hugo_slug
from ingest.anchors.none import NoSlugger
from ingest.anchors.python_markdown import PythonMarkdownSlugger, python_markdown_slug
from ingest.configuration import configuration, text_of
from ingest.hugo_settings import group_of, hugo_settings
from ingest.sphinx_settings import sphinx_settings

_HUGO_SLUGS = MappingProxyType(
    {"github": hugo_slug, "github-ascii": hugo_ascii_slug, "blackfriday": blackfriday_slug}
)
_TOC = ("toc", "markdown.extensions.toc")
# What older names of pymdownx.slugs stand for.
_CASES = MappingProxyType({"uslugify": "lower", "uslugify_cased": "none", "gfm": "lower-ascii"})
_CASED: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "none": str,
        "lower": str.lower,
        "fold": str.casefold,
        "lower-ascii": lambda text: re.sub("[A-Z]", lambda found: found[0].lower(), text),
    }
)


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
    text = configuration(docs, ["mkdocs.yml", "mkdocs.yaml"])
    if "slugify" not in text and "separator" not in text:
        return None
    try:
        options = _toc_options(yaml.compose(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
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
    slug = partial(_pymdownx_slug, case=case, encoded=encoded, form=form, separator=separator)
    return _python_markdown(slug, f"{case} {encoded} {form} {separator}")


def _python_markdown(slug: Callable[[str], str], named: str) -> ConfiguredSlugger:
    return ConfiguredSlugger(partial(PythonMarkdownSlugger, slug), named)


def _pymdownx_slug(text: str, *, case: str, encoded: bool, form: str, separator: str) -> str:
    try:
        text = unicodedata.normalize(form, text)  # type: ignore[arg-type]  # It is checked there.
    except ValueError:
        text = unicodedata.normalize("NFC", text)
    # Python-Markdown hands over a title with single spaces.
    text = _CASED.get(case, str)(" ".join(text.split()))
    slug = re.sub(r"[^\w\- ]", "", text).replace(" ", separator)
    return quote(slug) if encoded else slug


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
