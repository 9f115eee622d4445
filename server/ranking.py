"""What the fused scores of passages don't see: headings, exact names, and the page around them.

Scores run from 0 to about 1 before these lifts; each weight was measured over several sets of
questions, and halving or doubling it changes little.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from server.identifiers import IdentifierMatcher, identifiers
from server.terms import terms
from store.records import Passage, ScoredPassage

_HEADING_LIFT = 0.1
"""For a section whose whole heading is in the question."""

_IDENTIFIER_LIFT = 0.4
"""For a passage that has every name of the question as it is written there."""

_READING_LIFT = 0.05
"""For passages of the page that the reader is on: it decides between equals."""

_SUPPORTING_PASSAGES = 3
_DECAY = 0.5
"""What each further passage of a page adds to it, and each further section gets of that."""


def rank_sections(
    question: str, found: Iterable[ScoredPassage], *, reading: str = ""
) -> list[ScoredPassage]:
    """Order passages by their page's and their own merits; keep the best one of each section.

    A page's score is that of its best passage, half of its second's and a quarter of its third's,
    so a page that answers at length comes before one that mentions the words once. Its sections
    after the first get less and less of that, so that several pages come early. `reading` is the
    path of the page that the reader is on.
    """
    by_page: dict[str, list[ScoredPassage]] = defaultdict(list)
    for scored in _by_score(_lifted(question, found, reading)):
        by_page[scored.passage.path].append(scored)
    return _by_score(scored for page in by_page.values() for scored in _with_page(page))


def _lifted(question: str, found: Iterable[ScoredPassage], reading: str) -> Iterable[ScoredPassage]:
    asked = frozenset(terms(question))
    names = IdentifierMatcher(identifiers(question))
    for scored in found:
        passage = scored.passage
        lift = _HEADING_LIFT * _share(_heading_terms(passage.heading), asked)
        if names:
            lift += _IDENTIFIER_LIFT * names.share(_whole_text(passage))
        if passage.path == reading:
            lift += _READING_LIFT
        yield replace(scored, score=scored.score + lift)


def _with_page(page: Sequence[ScoredPassage]) -> Iterable[ScoredPassage]:
    """Add to the best passage of each section what the page's other passages are worth."""
    supporting = islice(page, 1, _SUPPORTING_PASSAGES)
    support = sum(scored.score * _DECAY**place for place, scored in enumerate(supporting, start=1))
    best: dict[str, ScoredPassage] = {}
    for scored in page:
        best.setdefault(scored.passage.anchor, scored)
    for place, scored in enumerate(best.values()):
        yield replace(scored, score=round(scored.score + support * _DECAY**place, 6))


def _by_score(found: Iterable[ScoredPassage]) -> list[ScoredPassage]:
    return sorted(
        found, key=lambda scored: (-scored.score, scored.passage.path, scored.passage.position)
    )


def _share(heading: frozenset[str], asked: frozenset[str]) -> float:
    return len(heading & asked) / len(heading) if heading else 0.0


def _whole_text(passage: Passage) -> str:
    return "\n".join((*passage.heading_path, passage.text))


@lru_cache(maxsize=20_000)
def _heading_terms(heading: str) -> frozenset[str]:
    return frozenset(terms(heading))
