"""Markdown of VitePress: what its pages show of their front matter is put in."""

import json
import re
from collections.abc import Iterator, Mapping

from ingest.anchors import Slugger
from ingest.document import Document
from ingest.readers.front_matter import split_front_matter
from ingest.readers.markdown import read_markdown
from ingest.readers.markdown_writer import blocks, escaped

_FIELD = re.compile(r"\{\{\s*\$frontmatter\.(\w+)\s*\}\}")
_HOME = re.compile(r"^layout:[ \t]*[\"']?home\b", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def read_vitepress(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page; lines stay where they are."""
    if not _FIELD.search(source) and not _HOME.search(source):
        return read_markdown(path, source, slugger)
    front_matter = split_front_matter(source)
    strings = front_matter.strings
    if strings.get("layout") == "home":
        source = _with_home(source, front_matter.fields)
    source = _FIELD.sub(lambda found: strings.get(found[1], found[0]), source)
    return read_markdown(path, source, slugger)


def _with_home(source: str, fields: Mapping[str, object]) -> str:
    """Put what a home page shows above its text, its hero and features, as text.

    It takes the lines of the front matter, of which the rest is written on one.
    """
    text = split_front_matter(source).text.lstrip("\n")
    taken = source.count("\n") - text.count("\n")
    rest = {name: value for name, value in fields.items() if name not in {"hero", "features"}}
    shown = blocks(_shown(fields))
    if not shown:
        return source
    shown = f"---\n{json.dumps(rest)}\n---\n{shown}\n"
    blank = "\n" * (taken - shown.count("\n"))
    return f"{shown}{blank}{text}"


def _shown(fields: Mapping[str, object]) -> Iterator[str]:
    for hero in _mappings([fields.get("hero")]):
        yield "\n".join(_texts(hero, ("name", "text", "tagline")))
    for feature in _mappings(fields.get("features")):
        yield ": ".join(_texts(feature, ("title", "details")))


def _mappings(value: object) -> Iterator[Mapping[object, object]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each


def _texts(fields: Mapping[object, object], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and (text := " ".join(_TAG.sub("", value).split())):
            yield escaped(text)
