"""Neighbouring pieces are put together until passages are full."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

from ingest.budget import NOTHING, SEPARATOR_TOKENS, Budget, Cost, total
from ingest.document import Block
from ingest.tokens import tokens_with_break
from store.embedders.cl100k import count_cl100k_tokens

# What each passage costs, in squares of its free share: fewer passages win over fuller ones.
_PASSAGE_PENALTY = 0.1


class Piece(NamedTuple):
    """A stretch of a section that is not cut again. Lines are 1-based and inclusive.

    An `introduced` piece stays in one passage with the piece in front of it.
    """

    text: str
    start_line: int
    end_line: int
    cost: Cost
    introduced: bool = False


def pack(pieces: Iterable[Piece], budget: Budget, *, beside: Cost = NOTHING) -> list[list[Piece]]:
    """Put neighbours together so that the passages are few and evenly full.

    Each passage leaves room for what costs `beside`. Finds the least sum of squared free shares,
    as line breaking by total fit does.
    """
    groups = list(_introduced_together(pieces))
    if len(groups) == 1:
        return groups
    costs = [total([piece.cost for piece in group]) for group in groups]
    # The least penalty of what is in front of each group, and where its last passage begins.
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(groups) + 1):
        written, embedded = beside
        least, chosen = inf, end
        for start in range(end - 1, -1, -1):
            cost = costs[start]
            written += cost[0] + SEPARATOR_TOKENS
            embedded += cost[1]
            fill = budget.fill(written, embedded)
            if start < end - 1 and fill > 1:
                break
            penalty = max(0.0, 1 - fill) ** 2 + _PASSAGE_PENALTY
            if best[start][0] + penalty <= least:
                least, chosen = best[start][0] + penalty, start
        best.append((least, chosen))
    packed: list[list[Piece]] = []
    end = len(groups)
    while end:
        start = best[end][1]
        packed.append([piece for group in groups[start:end] for piece in group])
        end = start
    return packed[::-1]


def join(pieces: Sequence[Piece | Block]) -> str:
    """Write neighbours as one text, as far apart as they were."""
    parts = [pieces[0].text]
    for before, piece in pairwise(pieces):
        separator = _separator(before, piece)
        if separator == " ":
            parts[-1] = parts[-1].rstrip()
        parts += (separator, piece.text)
    return "".join(parts)


def written_tokens(pieces: Sequence[Piece], text: str) -> int:
    """Count the tokens of what `join` makes of pieces, from their own where that is exact."""
    tokens = pieces[0].cost.written
    for before, piece in pairwise(pieces):
        separator = _separator(before, piece)
        ahead = None
        if separator != " " and piece.text[:1] not in {"\n", "\r"}:
            ahead = tokens_with_break(before.text, tokens, separator)
        if ahead is None:
            return count_cl100k_tokens(text)
        tokens = ahead + piece.cost.written
    return tokens


def _separator(before: Piece | Block, piece: Piece | Block) -> str:
    match piece.start_line - before.end_line:
        case 0:  # the next sentence of the same line
            return " "
        case 1:
            return "\n"
        case _:
            return "\n\n"


def _introduced_together(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    together: list[Piece] = []
    for piece in pieces:
        if together and not piece.introduced:
            yield together
            together = []
        together.append(piece)
    if together:
        yield together
