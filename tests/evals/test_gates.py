from pathlib import Path

import pytest

from evals.compare import compare
from evals.gates import Gate, Gates, GatesError, judge, read_gates
from tests.evals.conftest import RecordOf

FIGURE = "page.hit@3"


def test_reads_a_gates_file(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(
        'confidence = 0.9\n[figures]\n"page.hit@3" = { at_least = 0.8, no_worse = true }\n'
    )
    assert read_gates(path) == Gates(
        confidence=0.9, figures={FIGURE: Gate(at_least=0.8, no_worse=True)}
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("figures = [", "is not TOML"),
        ('[figures]\n"x" = {}', "needs at_least"),
        ('[figures]\n"x" = { atleast = 1 }', "figures.x.atleast: Extra inputs"),
        ("confidence = 2", "confidence: Input should be less"),
    ],
)
def test_a_mistake_in_a_gates_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(text)
    with pytest.raises(GatesError, match=r"gates\.toml: ") as caught:
        read_gates(path)
    assert problem in str(caught.value)
    with pytest.raises(GatesError, match="can't be read"):
        read_gates(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("gate", "passed"),
    [
        (Gate(at_least=0.5), True),
        (Gate(at_least=0.51), False),
        (Gate(at_most=0.5), True),
        (Gate(at_most=0.49), False),
    ],
)
def test_bars(record_of: RecordOf, gate: Gate, passed: bool) -> None:
    run = record_of({"a": {FIGURE: 1.0}, "b": {FIGURE: 0.0}})
    [verdict] = judge(Gates(figures={FIGURE: gate}), run, None)
    assert verdict.passed is passed
    assert "0.5" in verdict.reason


def test_totals_of_the_run_can_be_gated(record_of: RecordOf) -> None:
    run = record_of({"a": {FIGURE: 1.0}})
    run = run.model_copy(update={"totals": run.totals | {"citations.broken": 1.0}})
    [verdict] = judge(Gates(figures={"citations.broken": Gate(at_most=0)}), run, None)
    assert verdict.passed is False


def test_significantly_worse_than_the_baseline_fails(record_of: RecordOf) -> None:
    before = record_of({f"q{number}": {FIGURE: 1.0} for number in range(30)})
    worse = record_of({f"q{number}": {FIGURE: float(number > 9)} for number in range(30)})
    gates = Gates(figures={FIGURE: Gate(at_least=0.5, no_worse=True)})
    bar, change = judge(gates, worse, compare(before, worse, confidence=0.95))
    assert bar.passed is True
    assert change.passed is False
    assert "1 before, 0.6667 now" in change.reason
    [_, same] = judge(gates, before, compare(before, before, confidence=0.95))
    assert same.passed is True


def test_a_gate_that_cannot_be_asked_says_why_and_decides_nothing(record_of: RecordOf) -> None:
    run = record_of({"a": {FIGURE: 1.0}})
    gates = Gates(figures={FIGURE: Gate(no_worse=True)})
    [without] = judge(gates, run, None)
    assert (without.passed, without.reason) == (None, "there is no baseline to compare with")
    other = record_of({"a": {FIGURE: 1.0}}, embedder="openai")
    [apart] = judge(gates, run, compare(other, run, confidence=0.95))
    assert apart.passed is None
    assert "another embedder" in apart.reason


def test_a_figure_that_nobody_measures_fails_its_gate(record_of: RecordOf) -> None:
    gates = Gates(figures={"answer.gvien": Gate(at_least=0.5)})
    [verdict] = judge(gates, record_of({"a": {FIGURE: 1.0}}), None)
    assert verdict.passed is False
    retrieval = record_of({"a": {FIGURE: 1.0}}, scope="retrieval")
    [skipped] = judge(gates, retrieval, None)
    assert skipped.passed is None
