"""Passages that say the same in several places: versions of the docs, copies, shared includes."""

import re
from collections.abc import Iterable
from functools import cached_property

from store.records import ScoredPassage

_WORD = re.compile(r"\w+")
_SHARED_WORDS = 0.9
# Copies are about as long and have nearly the same vector; their headings may differ, and are a
# part of it. Comparing only the words of such passages makes it cheap.
_SHARED_TOKENS = 0.9
_SIMILARITY_GAP = 0.05


def without_near_duplicates(ranked: Iterable[ScoredPassage], *, limit: int) -> list[ScoredPassage]:
    """Keep the first of passages with nearly the same words; stop at `limit`."""
    kept: list[_Candidate] = []
    for scored in ranked:
        if len(kept) == limit:
            break
        candidate = _Candidate(scored)
        if not any(candidate.is_copy_of(other) for other in kept):
            kept.append(candidate)
    return [candidate.scored for candidate in kept]


class _Candidate:
    def __init__(self, scored: ScoredPassage) -> None:
        self.scored = scored

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.scored.passage.text.lower()))

    def is_copy_of(self, other: "_Candidate") -> bool:
        tokens = self.scored.passage.tokens, other.scored.passage.tokens
        if min(tokens) < _SHARED_TOKENS * max(tokens) or self._gap(other) > _SIMILARITY_GAP:
            return False
        shared = len(self.words & other.words)
        every = len(self.words) + len(other.words) - shared
        return bool(every) and shared >= _SHARED_WORDS * every

    def _gap(self, other: "_Candidate") -> float:
        one, another = self.scored.similarity, other.scored.similarity
        return 0.0 if one is None or another is None else abs(one - another)
