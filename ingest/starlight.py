"""Astro's Starlight: what its sites are told by, and the addresses of their pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.anchors import HeadingRules
from ingest.anchors.counting import CountingSlugger
from ingest.anchors.github import github_slug
from ingest.configuration import configuration, names_of, string_of
from ingest.urls import ConfiguredRule

_CONFIGS = ("astro.config.*",)
# Where Starlight keeps its pages, below the folder of the configuration.
_PAGES = "src/content/docs"


def is_starlight(folder: Path) -> bool:
    """Tell a site by its configuration, which other sites of Astro have too."""
    if not any(folder.glob(_CONFIGS[0])):
        return False
    return "starlight" in configuration(folder, _CONFIGS)


def pages_of_starlight(_folder: Path) -> str:
    """Return the folder of its pages."""
    return _PAGES


def starlight_address(page: str, fields: Mapping[str, str]) -> str:
    """Make each page a folder, in lower case; `slug` of the front matter wins, as it is written."""
    slug = fields.get("slug", "").strip("/")
    path = slug or "/".join(map(github_slug, page.split("/")))
    path = "" if path == "index" else path.removesuffix("/index")
    return f"{path}/" if path else ""


@dataclass(frozen=True)
class StarlightAddresses:
    """The rule of a site that ends its addresses as `ending` says: in ".html", or in nothing."""

    ending: str

    def __call__(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the address of a page below the site's base."""
        address = starlight_address(page, fields).removesuffix("/")
        return f"{address}{self.ending}" if address else ""


def of_starlight(docs: Path) -> ConfiguredRule | None:
    """Read Astro's `build.format` and `trailingSlash`."""
    text = configuration(docs, _CONFIGS)
    if string_of(text, "format") == "file":
        rule = StarlightAddresses(".html")
    elif string_of(text, "trailingSlash") == "never":
        rule = StarlightAddresses("")
    else:
        return None
    return ConfiguredRule(rule, repr(rule))


def starlight_locales(docs: Path) -> frozenset[str]:
    """Return the folders of the site's languages; that of the root has none."""
    return frozenset(names_of(configuration(docs, _CONFIGS), "locales")) - {"root"}


def starlight_slugger() -> CountingSlugger:
    """Return the rule of Astro: GitHub's, of what is shown, with typographic punctuation."""
    return CountingSlugger(github_slug, rules=HeadingRules(smart=True))
