"""Passages that say the same in several places: versions of the docs, copies, shared includes."""

import re
from collections.abc import Iterable

from store.records import ScoredPassage

_WORD = re.compile(r"\w+")
_SHARED_WORDS = 0.9
# Copies have nearly the same vector; their headings may differ, and are a part of it. Comparing
# only passages that are this near makes it cheap.
_SIMILARITY_GAP = 0.1


def without_near_duplicates(ranked: Iterable[ScoredPassage], *, limit: int) -> list[ScoredPassage]:
    """Keep the first of passages with nearly the same words; stop at `limit`."""
    kept: list[tuple[ScoredPassage, frozenset[str]]] = []
    for scored in ranked:
        if len(kept) == limit:
            break
        words = frozenset(_WORD.findall(scored.passage.text.lower()))
        if not any(_is_copy(scored, words, *other) for other in kept):
            kept.append((scored, words))
    return [scored for scored, _ in kept]


def _is_copy(
    one: ScoredPassage, words: frozenset[str], other: ScoredPassage, other_words: frozenset[str]
) -> bool:
    if _gap(one, other) > _SIMILARITY_GAP:
        return False
    least, most = sorted((len(words), len(other_words)))
    if not least or least < _SHARED_WORDS * most:
        return False
    shared = len(words & other_words)
    return shared >= _SHARED_WORDS * (len(words) + len(other_words) - shared)


def _gap(one: ScoredPassage, other: ScoredPassage) -> float:
    if one.similarity is None or other.similarity is None:
        return 0.0
    return abs(one.similarity - other.similarity)
