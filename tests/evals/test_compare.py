import numpy as np
import pytest

from evals.bootstrap import Interval, mean_interval
from evals.compare import compare
from evals.record import QuestionRecord
from tests.evals.conftest import RecordOf

FIGURE = "page.hit@1"


def test_interval_agrees_with_scipy() -> None:
    # Not above: it takes a second, which each of the processes that share the tests would pay.
    from scipy import stats  # type: ignore[import-untyped]

    values = np.random.default_rng(7).normal(0.4, 0.2, size=60)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", confidence_level=0.9, rng=1
    ).confidence_interval
    ours = mean_interval(values.tolist(), [1.0] * 60, confidence=0.9)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.003)


def test_interval_is_weighted_and_the_same_each_time() -> None:
    values, weights = [0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.01]
    unweighted = mean_interval(values, [1.0] * 4, confidence=0.5)
    weighted = mean_interval(values, weights, confidence=0.5)
    assert weighted.low > unweighted.low
    assert mean_interval(values, weights, confidence=0.5) == weighted
    assert mean_interval([0.3], [2.0], confidence=0.95) == Interval(0.3, 0.3)


def test_interval_of_a_large_set_is_drawn_in_blocks() -> None:
    values = [float(number % 2) for number in range(1_101)]
    interval = mean_interval(values, [1.0] * 1_101, confidence=0.95)
    half = 1.96 * 0.5 / 1_101**0.5
    assert (interval.low, interval.high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.002)


def test_a_loss_on_many_questions_is_worse_and_on_one_is_chance(record_of: RecordOf) -> None:
    before = record_of({f"q{number}": {FIGURE: 1.0} for number in range(40)})
    slightly = record_of({f"q{number}": {FIGURE: float(number > 0)} for number in range(40)})
    badly = record_of({f"q{number}": {FIGURE: float(number > 9)} for number in range(40)})
    chance = compare(before, slightly, confidence=0.95)
    assert not chance.changes[FIGURE].worse
    assert chance.changes[FIGURE].difference == pytest.approx(-1 / 40)
    assert chance.questions == {"q0": {FIGURE: (1.0, 0.0)}}
    regression = compare(before, badly, confidence=0.95).changes[FIGURE]
    assert regression.worse
    assert regression.count == 40
    assert compare(badly, before, confidence=0.95).changes[FIGURE].better


def test_a_loss_of_three_questions_of_three_is_chance(record_of: RecordOf) -> None:
    def compared(count: int) -> bool:
        names = [f"q{number}" for number in range(count)]
        before = record_of({name: {FIGURE: 1.0} for name in names})
        now = record_of({name: {FIGURE: 0.0} for name in names})
        return compare(before, now, confidence=0.95).changes[FIGURE].worse

    assert not compared(3)
    assert compared(4)


def test_pairing_sees_a_small_loss_that_every_question_has(record_of: RecordOf) -> None:
    # Unpaired, the spread between easy and hard questions would hide it.
    before = record_of({f"q{number}": {FIGURE: number / 40} for number in range(10, 40)})
    now = record_of({f"q{number}": {FIGURE: number / 40 - 0.02} for number in range(10, 40)})
    assert compare(before, now, confidence=0.95).changes[FIGURE].worse


@pytest.mark.parametrize(
    ("changed", "obstacle"),
    [
        ({"corpus": "d" * 64}, "another corpus: cccccccccccc before, dddddddddddd now"),
        ({"embedder": "openai"}, "another embedder: minilm before, openai now"),
        ({"scope": "retrieval"}, "another scope: assistant before, retrieval now"),
    ],
)
def test_runs_on_other_ground_are_named_and_not_compared(
    record_of: RecordOf, changed: dict[str, str], obstacle: str
) -> None:
    before = record_of({"q": {FIGURE: 1.0}})
    comparison = compare(before, record_of({"q": {FIGURE: 0.0}}, **changed), confidence=0.95)
    assert comparison.obstacles == (obstacle,)
    assert comparison.changes == {}


def test_another_chunker_is_named_and_compared(record_of: RecordOf) -> None:
    before = record_of({"q": {FIGURE: 1.0}})
    comparison = compare(before, record_of({"q": {FIGURE: 0.0}}, chunker="v2"), confidence=0.95)
    assert comparison.notes == ("another chunker: v1 before, v2 now",)
    assert comparison.changes[FIGURE].before == 1


def test_only_questions_asked_alike_are_compared(record_of: RecordOf) -> None:
    before = record_of({name: {FIGURE: 1.0} for name in ("same", "reworded", "gone")})
    now = record_of({name: {FIGURE: 1.0} for name in ("same", "new")})
    reworded = QuestionRecord(asked="otherwise", weight=1, figures={FIGURE: 0.0})
    now = now.model_copy(update={"questions": now.questions | {"reworded": reworded}})
    comparison = compare(before, now, confidence=0.95)
    assert comparison.changes[FIGURE].count == 1
    assert comparison.changes[FIGURE].now == 1
    assert comparison.notes == (
        "2 of 3 questions are new or were changed",
        "1 questions of the baseline were not asked",
    )
