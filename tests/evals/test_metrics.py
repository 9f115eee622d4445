"""The measures against ir-measures (trec_eval's definitions), and cases worked by hand."""

import math

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import Measure

from evals import metrics

KEYS = st.sampled_from([f"page-{number}" for number in range(12)])
RANKINGS = st.lists(KEYS, unique=True, max_size=12)
GOLD = st.sets(KEYS, min_size=1, max_size=5)
DEPTHS = st.integers(min_value=1, max_value=12)


def by_ir_measures(measure: Measure, ranking: list[str], gold: set[str]) -> float:
    qrels = [ir_measures.Qrel("q", key, 1) for key in gold]
    run = [ir_measures.ScoredDoc("q", key, -rank) for rank, key in enumerate(ranking)]
    # An empty run has no query at all for ir-measures; nothing found is a run of something else.
    run = run or [ir_measures.ScoredDoc("q", "nothing", 0)]
    return float(ir_measures.calc_aggregate([measure], qrels, run)[measure])


@settings(deadline=None)
@given(ranking=RANKINGS, gold=GOLD, k=DEPTHS)
def test_agree_with_ir_measures(ranking: list[str], gold: set[str], k: int) -> None:
    ours = {
        ir_measures.Success @ k: metrics.hit(ranking, gold, k),
        ir_measures.R @ k: metrics.recall(ranking, gold, k),
        ir_measures.P @ k: metrics.precision(ranking, gold, k),
        ir_measures.RR @ k: metrics.reciprocal_rank(ranking, gold, k),
        ir_measures.nDCG @ k: metrics.ndcg(ranking, gold, k),
    }
    theirs = {measure: by_ir_measures(measure, ranking, gold) for measure in ours}
    assert ours == pytest.approx(theirs)


def test_a_ranking_worked_by_hand() -> None:
    ranking = ["a", "b", "c", "d"]
    gold = {"b", "d", "z"}
    assert metrics.hit(ranking, gold, 1) == 0
    assert metrics.hit(ranking, gold, 2) == 1
    assert metrics.hit_all(ranking, gold, 10) == 0
    assert metrics.hit_all(ranking, {"b", "d"}, 3) == 0
    assert metrics.hit_all(ranking, {"b", "d"}, 4) == 1
    assert metrics.reciprocal_rank(ranking, gold, 10) == 1 / 2
    assert metrics.reciprocal_rank(ranking, gold, 1) == 0
    assert metrics.recall(ranking, gold, 10) == pytest.approx(2 / 3)
    assert metrics.precision(ranking, gold, 4) == 1 / 2
    found = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert metrics.ndcg(ranking, gold, 10) == pytest.approx(found / ideal)


def test_a_page_ranks_where_its_first_passage_ranks() -> None:
    assert metrics.unique(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]
