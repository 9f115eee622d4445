"""Passages that say the same in several places: versions of the docs, copies, shared includes."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from server.lexical.plain_words import plain_words
from store.records import ScoredPassage

_SHARED_WORDS = 0.9
# Copies are about as long and have nearly the same vector; their headings may differ, and are a
# part of it. Comparing only the words of such passages makes it cheap.
_SHARED_TOKENS = 0.9
_SIMILARITY_GAP = 0.05
# Below what the ranking gives to the page that is being read.
_EQUALLY_GOOD = 0.02

_UNRELEASED = frozenset({"next", "dev", "devel", "main", "master", "nightly", "unreleased"})


def without_near_duplicates(ranked: Iterable[ScoredPassage], *, limit: int) -> list[ScoredPassage]:
    """Keep the first of passages with nearly the same words; stop at `limit`.

    Of copies that are equally good the one of the newest version takes the place.
    """
    kept: list[_Candidate] = []
    for scored in ranked:
        if len(kept) == limit:
            break
        candidate = _Candidate(scored)
        place = next((at for at, other in enumerate(kept) if candidate.is_copy_of(other)), None)
        if place is None:
            kept.append(candidate)
        elif candidate.supersedes(kept[place].scored):
            kept[place] = _Candidate(replace(scored, score=kept[place].scored.score))
    return [candidate.scored for candidate in kept]


class _Candidate:
    def __init__(self, scored: ScoredPassage) -> None:
        self.scored = scored
        self.tokens = scored.passage.tokens
        self.similarity = scored.similarity

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(plain_words(self.scored.passage.text.lower()))

    def is_copy_of(self, other: "_Candidate") -> bool:
        one, another = self.similarity, other.similarity
        if one is not None and another is not None and abs(one - another) > _SIMILARITY_GAP:
            return False
        fewer, more = sorted((self.tokens, other.tokens))
        if fewer < _SHARED_TOKENS * more:
            return False
        shared = len(self.words & other.words)
        every = len(self.words) + len(other.words) - shared
        return bool(every) and shared >= _SHARED_WORDS * every

    def supersedes(self, other: ScoredPassage) -> bool:
        newer = release_order(self.scored.passage.version) > release_order(other.passage.version)
        return newer and other.score - self.scored.score <= _EQUALLY_GOOD


def release_order(version: str) -> tuple[int, tuple[int, ...]]:
    """Order versions by age: unreleased ones, numbered ones, then `latest` and the like."""
    if version.lower() in _UNRELEASED:
        return (0, ())
    numbers = tuple(int(number) for number in re.findall(r"[0-9]+", version))
    return (1, numbers) if numbers else (2, ())
