"""The gates and the baseline that CI holds the assistant to."""

from pathlib import Path

from evals.gates import judge, read_gates
from evals.record import read_record

EVALS = Path(__file__).parents[2] / "evals"


def test_each_gate_is_about_a_figure_that_the_baseline_has() -> None:
    baseline = read_record(EVALS / "baselines" / "handbook.json")
    gates = read_gates(EVALS / "gates.toml")
    assert len(gates.figures) >= 12
    assert gates.figures.keys() - baseline.means.keys() - baseline.totals.keys() == set()


def test_the_baseline_clears_its_own_bars() -> None:
    baseline = read_record(EVALS / "baselines" / "handbook.json")
    verdicts = judge(read_gates(EVALS / "gates.toml"), baseline, None)
    assert [verdict for verdict in verdicts if verdict.passed is False] == []
    assert sum(verdict.passed is True for verdict in verdicts) >= 8
