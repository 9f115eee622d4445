"""Measures of ranked retrieval, with binary relevance, as trec_eval defines them.

`ranking` is best first and without repeats (`unique` makes it so); `gold` is never empty.
"""

import math
from collections.abc import Collection, Hashable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def unique(keys: Iterable[Key]) -> list[Key]:
    """Keep the first of each key: a page ranks where its first passage ranks."""
    return list(dict.fromkeys(keys))


def hit(ranking: Sequence[Key], gold: Collection[Key], k: int) -> float:
    """Tell whether any gold item is among the first `k`."""
    return float(any(key in gold for key in islice(ranking, k)))


def hit_all(ranking: Sequence[Key], gold: Collection[Key], k: int) -> float:
    """Tell whether every gold item is among the first `k`."""
    return float(_found(ranking, gold, k) == len(gold))


def recall(ranking: Sequence[Key], gold: Collection[Key], k: int) -> float:
    """Return the share of gold items that are among the first `k`."""
    return _found(ranking, gold, k) / len(gold)


def precision(ranking: Sequence[Key], gold: Collection[Key], k: int) -> float:
    """Return the share of the first `k` places that gold items hold; empty places count."""
    return _found(ranking, gold, k) / k


def reciprocal_rank(ranking: Sequence[Key], gold: Collection[Key], k: int) -> float:
    """Return 1 / the rank of the first gold item, 0 if none is among the first `k`."""
    for rank, key in enumerate(islice(ranking, k), start=1):
        if key in gold:
            return 1 / rank
    return 0.0


def ndcg(ranking: Sequence[Key], gold: Collection[Key], k: int) -> float:
    """Return the discounted cumulative gain of the first `k` over that of a perfect ranking."""
    gain = sum(
        1 / math.log2(rank + 1)
        for rank, key in enumerate(islice(ranking, k), start=1)
        if key in gold
    )
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(gold), k) + 1))
    return gain / ideal


def _found(ranking: Sequence[Key], gold: Collection[Key], k: int) -> int:
    return sum(key in gold for key in islice(ranking, k))
