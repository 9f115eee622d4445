"""Jekyll, which GitHub Pages builds with: what is a page of its sites, and their addresses."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from ingest.configuration import configuration_file, text_of, yaml_settings
from ingest.urls import TITLE, ConfiguredRule

_CONFIGS = ("_config.yml", "_config.yaml")
# Jupyter Book's and Hexo's configurations are called so too.
_OTHERS = ("_toc.yml", "source/_posts", "_config.landscape.yml", "scaffolds")
_NEVER = ("vendor", "node_modules", "Gemfile*", "*.gemspec")
_POST = re.compile(r"(?:.*/)?_posts/(?:.*/)?(?P<day>\d{2,4}-\d{1,2}-\d{1,2})-(?P<name>[^/]+)")
_STYLES = {
    "pretty": "/:categories/:year/:month/:day/:title/",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_TOKEN = re.compile(r":(\w+)")
_UNPUBLISHED = re.compile(rb"^published[ \t]*:[ \t]*[\"']?false", re.MULTILINE)

Settings = Mapping[str, object]


@dataclass(frozen=True)
class JekyllAddresses:
    """The rule of one site.

    `ending` is what pages' addresses end in, `posts` the pattern of those of posts, and
    `collections` are patterns by the names of the collections that have pages.
    """

    ending: str = ".html"
    posts: str = _STYLES["date"]
    collections: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, page: str, fields: Mapping[str, str]) -> str:
        """Return the address of a page below the site's base."""
        folder, name = posixpath.split(page)
        values = {"categories": "/".join((fields.get("categories") or "").lower().split())}
        if permalink := fields.get("permalink"):
            pattern = _STYLES.get(permalink, permalink)
        elif post := _POST.fullmatch(page):
            year, month, day = post["day"].split("-")
            values |= {"year": year, "month": month.zfill(2), "day": day.zfill(2)}
            values |= {"title": fields.get("slug") or post["name"]}
            pattern = self.posts
        elif (collection := page.partition("/")[0].removeprefix("_")) in self.collections:
            pattern = self.collections[collection]
            path = page.partition("/")[2]
            values |= {"collection": collection, "path": path, "name": name, "title": name}
        else:
            # GitHub makes the folder's page of a README, if it is not one by its front matter.
            is_page = any(given for given in fields if given != TITLE)
            is_index = name.lower() == "index" or (name.lower() == "readme" and not is_page)
            address = f"{folder}/" if is_index else f"{page}{self.ending}"
            return address.lstrip("/")
        values |= {"output_ext": ".html", "basename": name}
        address = _TOKEN.sub(lambda token: values.get(token[1], token[0]), pattern)
        return re.sub(r"/{2,}", "/", address).lstrip("/")


def is_jekyll(folder: Path) -> bool:
    """Tell a site by its configuration."""
    is_configured = any((folder / name).is_file() for name in _CONFIGS)
    return is_configured and not any((folder / name).exists() for name in _OTHERS)


def of_jekyll(docs: Path) -> ConfiguredRule | None:
    """Read `permalink` and `collections`."""
    settings = _settings(docs)
    style = text_of(settings, "permalink") or "date"
    is_folder = style == "pretty" or style.endswith("/")
    is_file = style in _STYLES or style.endswith(":output_ext")
    rule = JekyllAddresses(
        ending="/" if is_folder else ".html" if is_file else "",
        posts=_STYLES.get(style, style),
        collections={
            name: text_of(options, "permalink") or _by_collection(style)
            for name, options in _collections(settings).items()
        },
    )
    return ConfiguredRule(rule, repr(rule)) if rule != JekyllAddresses() else None


def in_jekyll_site(docs: Path) -> Callable[[str], bool]:
    """Take what isn't excluded, nor in a folder with an underscore of no collection."""
    settings = _settings(docs)
    excluded = (*_NEVER, *_texts(settings.get("exclude")))
    shown = {"_posts", *(f"_{name}" for name in _collections(settings))}
    shown |= {name.strip("/") for name in _texts(settings.get("include"))}
    is_strict = _needs_front_matter(docs)

    def is_page(path: str) -> bool:
        parts = path.split("/")
        if any(part.startswith(("_", ".")) and part not in shown for part in parts):
            return False
        if any(fnmatchcase(path, each) or path.startswith(f"{each}/") for each in excluded):
            return False
        if is_strict and not _has_front_matter(docs / path):
            return False
        folder, name = posixpath.split(path)
        is_read_me = posixpath.splitext(name)[0].lower() == "readme"
        return not is_read_me or not any((docs / folder).glob("index.*"))

    return is_page


def _needs_front_matter(docs: Path) -> bool:
    """Tell whether files without it are copied as they are: GitHub makes pages of them."""
    try:
        gems = (docs / "Gemfile").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "github-pages" not in gems and "jekyll-optional-front-matter" not in gems


def _has_front_matter(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(6).removeprefix(b"\xef\xbb\xbf").startswith(b"---")
    except OSError:
        return True  # Reading the page in earnest reports it.


def is_unpublished(content: bytes) -> bool:
    """Tell whether the front matter withdraws the page."""
    end = content.find(b"\n---", 3) if content.startswith(b"---") else -1
    return end > 0 and _UNPUBLISHED.search(content, 0, end) is not None


def _settings(docs: Path) -> Settings:
    file = configuration_file(docs, _CONFIGS)
    try:
        text = "" if file is None else file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}  # Without its settings, the generator's defaults hold.
    return yaml_settings(text)


def _collections(settings: Settings) -> dict[str, Settings]:
    """Return the collections that have pages, with their options."""
    found = settings.get("collections")
    return {
        str(name): options
        for name, options in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(options, Mapping) and text_of(options, "output").lower() == "true"
    }


def _by_collection(style: str) -> str:
    ending = "/" if style == "pretty" or style.endswith("/") else ":output_ext"
    return f"/:collection/:path{ending}"


def _texts(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else ()
    return tuple(entry.strip("/") for entry in entries if isinstance(entry, str))
