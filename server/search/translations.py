"""One page in several languages: readers get their own, and what isn't translated is not hidden."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from store.records import Passage, ScoredPassage

# Where documentation generators keep translations, and what they are translated from.
_FOLDERS = re.compile(
    r"^(?:i18n/|locales?/|translations/|l10n/|docusaurus-plugin-content-docs/|current/|docs/)+"
)


def without_translated(ranked: Sequence[ScoredPassage], *, locale: str) -> list[ScoredPassage]:
    """Leave out other languages' copies of pages that were found in the reader's own.

    A page's first passage takes the place of its best copy.
    """
    own = {locale, locale.partition("-")[0]} - {""}
    translated = {_page(scored.passage) for scored in ranked if scored.passage.locale in own}
    if not translated:
        return list(ranked)
    places: dict[str, float] = {}
    for scored in ranked:
        places.setdefault(_page(scored.passage), scored.score)
    kept = []
    for scored in ranked:
        page = _page(scored.passage)
        if page not in translated:
            kept.append(scored)
        elif scored.passage.locale in own:
            kept.append(replace(scored, score=places.pop(page, scored.score)))
    return sorted(kept, key=lambda scored: -scored.score)


def _page(passage: Passage) -> str:
    return untranslated_path(passage.path, passage.locale)


@lru_cache(maxsize=20_000)
def untranslated_path(path: str, locale: str) -> str:
    """Return what the paths of a page and of its translations have in common."""
    parts = [part for part in path.split("/") if part != locale]
    name = parts.pop() if parts else ""
    stem, dot, suffix = name.rpartition(".")
    if locale:
        stem = stem.removesuffix(f".{locale}")
    return _FOLDERS.sub("", "/".join([*parts, f"{stem}{dot}{suffix}"]))
