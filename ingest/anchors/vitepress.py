"""Anchors as VitePress makes them."""

import re
import unicodedata

from ingest.anchors import HeadingRules
from ingest.anchors.counting import CountingSlugger

_CONTROL = re.compile(r"[\x00-\x1f]")
_COMBINING = re.compile(r"[\u0300-\u036f]")
_SPECIAL = re.compile(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'“”‘’<>,.?/]+")


def vitepress_slug(text: str) -> str:
    """Turn a heading's plain text into VitePress' anchor, duplicates aside."""
    plain = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    slug = _SPECIAL.sub("-", _CONTROL.sub("", plain)).strip("-")
    # An id that begins with a digit needs escaping in CSS.
    return re.sub(r"^(\d)", r"_\1", re.sub(r"-{2,}", "-", slug)).lower()


def vitepress_slugger() -> CountingSlugger:
    """Return the rule of VitePress."""
    rules = HeadingRules(entities=False, emoji_names=False)
    return CountingSlugger(vitepress_slug, counts_explicit=True, rules=rules)
