"""Reciprocal rank fusion, by hand-worked cases."""

import itertools

import pytest

from store.index.fusion import Hit, fuse


def hit(name: str, score: float, position: int = 0) -> Hit:
    return Hit(id=f"{name}-{position}", score=score, path=f"{name}.md", position=position)


def fused(*rankings: list[Hit], limit: int = 10) -> list[tuple[str, float]]:
    return [(found.id, found.score) for found in fuse(rankings, limit=limit)]


def test_a_hit_of_both_rankings_gathers_both() -> None:
    dense = [hit("a", 0.9), hit("b", 0.8), hit("c", 0.7)]
    lexical = [hit("b", 12.0), hit("d", 11.0)]
    found = fused(dense, lexical)
    assert [name for name, _ in found] == ["b-0", "a-0", "d-0", "c-0"]
    assert [score for _, score in found] == pytest.approx([5 / 6, 1 / 2, 1 / 3, 1 / 4])


def test_the_order_of_ties_does_not_depend_on_the_engine() -> None:
    hits = [hit("b", 0.5, 1), hit("a", 0.5), hit("b", 0.5), hit("c", 0.50000001)]
    expected = ["a-0", "b-0", "b-1", "c-0"]
    for order in itertools.permutations(hits):
        assert [name for name, _ in fused(list(order))] == expected


def test_sums_that_differ_only_by_rounding_are_ties() -> None:
    """1/3 + 1/6 is 1/2: the second of one ranking and fifth of the other, against a first."""
    one = [hit("first", 9), hit("both", 8)]
    other = [hit(name, score) for name, score in zip("pqrs", (9, 8, 7, 6), strict=True)]
    other.append(hit("both", 5))
    names = [name for name, _ in fused(one, other)]
    assert names[:3] == ["both-0", "first-0", "p-0"]


def test_the_limit_is_kept() -> None:
    assert len(fused([hit(str(number), number) for number in range(9)], limit=3)) == 3
    assert fused([], []) == []
    assert fused() == []
