"""The fusion of both searches' scores, by hand-worked cases."""

import itertools

import pytest

from store.index.fusion import LEXICAL_WEIGHT, fuse
from tests.contract.passages import make_passage

Scores = dict[str, float]


def fused(
    similarities: Scores, lexical: Scores, *, limit: int = 10
) -> list[tuple[str, float, float | None]]:
    passages = {name: make_passage(name, name=name) for name in similarities}
    found = fuse(
        [(passage, similarities[name]) for name, passage in passages.items()],
        lexical={passages[name].id: score for name, score in lexical.items()},
        limit=limit,
    )
    return [
        (scored.passage.path.removesuffix(".md"), scored.score, scored.similarity)
        for scored in found
    ]


def test_each_score_counts_as_a_share_of_the_best_of_its_search() -> None:
    found = fused({"a": 0.8, "b": 0.4, "c": 0.2}, {"b": 12.0, "c": 3.0})
    dense, lexical = 1 - LEXICAL_WEIGHT, LEXICAL_WEIGHT
    expected = {
        "b": dense * 0.5 + lexical,
        "a": dense,
        "c": dense * 0.25 + lexical * 0.25,
    }
    assert [name for name, _, _ in found] == list(expected)
    assert [score for _, score, _ in found] == pytest.approx(list(expected.values()))
    assert [similarity for _, _, similarity in found] == [0.4, 0.8, 0.2]


@pytest.mark.parametrize("similarities", [{"a": -0.1, "b": -0.4}, {"a": 0.0, "b": 0.0}])
def test_a_search_without_a_positive_score_decides_nothing_alone(similarities: Scores) -> None:
    assert [name for name, _, _ in fused(similarities, {"b": 7.0})] == ["b", "a"]
    assert [name for name, _, _ in fused(similarities, {})] == ["a", "b"]


def test_the_order_of_ties_does_not_depend_on_the_engine() -> None:
    scores = {"b": 0.5, "a": 0.5, "c": 0.50000001}
    for order in itertools.permutations(scores.items()):
        found = fused(dict(order), {})
        assert [name for name, _, _ in found] == ["a", "b", "c"]


def test_the_limit_is_kept() -> None:
    similarities = {f"{number}": number / 10 for number in range(1, 9)}
    assert [name for name, _, _ in fused(similarities, {}, limit=2)] == ["8", "7"]
    assert fused({}, {}) == []
