"""Sections become passages under a token budget."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from ingest.budget import NOTHING, Budget, Cost
from ingest.document import Document, SectionContent
from ingest.indexed_text import embedded_text, lexical_text
from ingest.pieces import Piece, cut_blocks
from ingest.tokens import count_tokens
from ingest.urls import anchored
from store.records import Passage

# Goes into the manifest. Raise it with any change to how passages or their texts are made.
CHUNKER = "sections-1"

_NAMESPACE = uuid.UUID("6f0f3c1e-6a5d-5d0b-9a53-1f2f6b6f9c11")
# What each passage costs, in squares of its free share: fewer passages win over fuller ones.
_PASSAGE_PENALTY = 0.1


class Chunker:
    """Makes passages that suit one embedder: `max_tokens` and `count` are the embedder's."""

    def __init__(self, *, max_tokens: int, count: Callable[[str], int]) -> None:
        self._max_tokens = max_tokens
        self._count = count

    def passages(self, path: str, url: str, document: Document) -> list[Passage]:
        """Return a page's passages in reading order; none spans two sections."""
        seen: Counter[tuple[str, ...]] = Counter()
        passages: list[Passage] = []
        for content in document.sections:
            section = content.section
            for pieces in self._group(content):
                text = _join(pieces)
                identity = (
                    path,
                    section.anchor,
                    text,
                    embedded_text(section.heading_path, text),
                    lexical_text(section.heading_path, text),
                )
                seen[identity] += 1
                passages.append(
                    Passage(
                        id=_passage_id(identity, seen[identity]),
                        path=path,
                        title=document.title,
                        heading_path=section.heading_path,
                        anchor=section.anchor,
                        url=anchored(url, section.anchor),
                        text=text,
                        position=len(passages),
                        start_line=pieces[0].start_line,
                        end_line=pieces[-1].end_line,
                        tokens=count_tokens(text),
                    )
                )
        return passages

    def _group(self, content: SectionContent) -> list[list[Piece]]:
        budget = Budget(
            content.section.heading_path, max_tokens=self._max_tokens, count=self._count
        )
        return _pack(list(_introduced_together(cut_blocks(content.blocks, budget))), budget)


def _introduced_together(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    together: list[Piece] = []
    for piece in pieces:
        if together and not piece.introduced:
            yield together
            together = []
        together.append(piece)
    if together:
        yield together


def _pack(groups: Sequence[list[Piece]], budget: Budget) -> list[list[Piece]]:
    """Put neighbouring groups together so that the passages are few and evenly full.

    Finds the least sum of squared free shares, as line breaking by total fit does.
    """
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(groups) + 1):
        cost = NOTHING
        options: list[tuple[float, int]] = []
        for start in range(end - 1, -1, -1):
            cost = _total(groups[start], cost)
            fill = budget.fill(cost)
            if start < end - 1 and (fill > 1 or not budget.fits(cost)):
                break
            penalty = max(0.0, 1 - fill) ** 2 + _PASSAGE_PENALTY
            options.append((best[start][0] + penalty, start))
        best.append(min(options))
    packed: list[list[Piece]] = []
    end = len(groups)
    while end:
        start = best[end][1]
        packed.append([piece for group in groups[start:end] for piece in group])
        end = start
    return packed[::-1]


def _total(pieces: Sequence[Piece], cost: Cost) -> Cost:
    for piece in pieces:
        cost = cost.plus(piece.cost)
    return cost


def _join(pieces: Sequence[Piece]) -> str:
    text = pieces[0].text
    for before, piece in pairwise(pieces):
        match piece.start_line - before.end_line:
            case 0:  # the next sentence of the same line
                text = f"{text.rstrip()} {piece.text}"
            case 1:
                text = f"{text}\n{piece.text}"
            case _:
                text = f"{text}\n\n{piece.text}"
    return text


def _passage_id(identity: tuple[str, ...], occurrence: int) -> str:
    """Name a passage so that the same id means the same vector and the same words."""
    return str(uuid.uuid5(_NAMESPACE, "\0".join([*identity, str(occurrence)])))
