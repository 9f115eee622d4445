"""What fused scores of passages don't see: headings, names, lists, and the page around them.

Scores run from 0 to about 1 before these lifts; each weight was measured over several sets of
questions, and halving or doubling it changes little.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from server.lexical.identifiers import IdentifierMatcher, identifiers
from server.lexical.terms import terms
from server.search.addresses import page_address
from server.search.changelogs import is_about_changes, is_changelog
from server.search.link_lists import link_share
from store.records import Passage, ScoredPassage

_HEADING_LIFT = 0.1
"""For a section whose whole heading is in the question."""

_IDENTIFIER_LIFT = 0.4
"""For a passage that has every name of the question as it is written there."""

_CHANGELOG_FALL = 0.15
"""For a changelog, unless the question is about changes."""

_LINKS_FALL = 1.0
"""For a list of links to other sites, times the links that there are for each word."""

_BRIEF_FALL = 0.1
"""For a passage of hardly any text, which its headings alone let be found: it explains nothing."""

_BRIEF_TOKENS = 20
"""From here on a passage falls no more; it falls the further the fewer tokens it has."""

_READING_LIFT = 0.05
"""For passages of the page that the reader is on: it decides between equals."""

_SUPPORTING_PASSAGES = 3
_DECAY = 0.5
"""What each further passage of a page adds to it, and each further section gets of that."""

_Lifted = tuple[float, ScoredPassage]


def rank_sections(
    question: str, found: Iterable[ScoredPassage], *, reading: str = ""
) -> list[ScoredPassage]:
    """Order passages by their page's and their own merits; keep the best one of each section.

    A page's score is that of its best passage, half of its second's and a quarter of its third's,
    so a page that answers at length comes before one that mentions the words once. Its sections
    after the first get less and less of that, so that several pages come early. `reading` is the
    path or the address of the page that the reader is on.
    """
    lifted = sorted(_lifted(question, found, reading), key=_order)
    by_page: dict[str, list[_Lifted]] = defaultdict(list)
    for score, scored in lifted:
        by_page[scored.passage.path].append((score, scored))
    ranked = sorted((one for page in by_page.values() for one in _with_page(page)), key=_order)
    return [ScoredPassage(one.passage, score, one.similarity) for score, one in ranked]


def _lifted(question: str, found: Iterable[ScoredPassage], reading: str) -> Iterator[_Lifted]:
    asked = frozenset(terms(question))
    names = IdentifierMatcher(identifiers(question))
    reading = page_address(reading)
    explained = not is_about_changes(question)
    for scored in found:
        passage = scored.passage
        score = scored.score + _HEADING_LIFT * _share(_heading_terms(passage.heading), asked)
        if names:
            score += _IDENTIFIER_LIFT * names.share(_whole_text(passage))
        if explained and is_changelog(passage.path, passage.title):
            score -= _CHANGELOG_FALL
        score -= _LINKS_FALL * link_share(passage.text)
        score -= _BRIEF_FALL * max(0.0, 1 - passage.tokens / _BRIEF_TOKENS)
        if reading and reading in {passage.path, page_address(passage.url)}:
            score += _READING_LIFT
        yield score, scored


def _with_page(page: Sequence[_Lifted]) -> Iterator[_Lifted]:
    """Add to the best passage of each section what the page's other passages are worth."""
    supporting = page[1:_SUPPORTING_PASSAGES]
    support = sum(score * _DECAY**place for place, (score, _) in enumerate(supporting, start=1))
    best: dict[str, _Lifted] = {}
    for score, scored in page:
        best.setdefault(scored.passage.anchor, (score, scored))
    for place, (score, scored) in enumerate(best.values()):
        yield round(score + support * _DECAY**place, 6), scored


def _order(lifted: _Lifted) -> tuple[float, str, int]:
    score, scored = lifted
    return (-score, scored.passage.path, scored.passage.position)


def _share(heading: frozenset[str], asked: frozenset[str]) -> float:
    return len(heading & asked) / len(heading) if heading else 0.0


def _whole_text(passage: Passage) -> str:
    return "\n".join((*passage.heading_path, passage.text))


@lru_cache(maxsize=20_000)
def _heading_terms(heading: str) -> frozenset[str]:
    return frozenset(terms(heading))
