"""The weights of evidence are found again, and judged on docs that they were not fitted to."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.__main__ import app
from evals.evidence_fit import Observation, fit_weights, held_out, without_vectors
from server.search.abstention import EvidenceMeasures


def observed(corpus: str, *, answerable: bool, count: int = 40) -> list[Observation]:
    """Draw questions whose nearness tells much about an answer, and whose words tell little."""
    chance = random.Random(f"{corpus} {answerable}")
    near, words = (0.6, 0.5) if answerable else (0.3, 0.4)
    return [
        Observation(
            corpus,
            corpus if answerable else "another",
            answerable,
            EvidenceMeasures(near + chance.gauss(0, 0.08), words + chance.gauss(0, 0.2)),
        )
        for _ in range(count)
    ]


OBSERVATIONS = [
    *observed("one", answerable=True),
    *observed("one", answerable=False),
    *observed("two", answerable=True),
    *observed("two", answerable=False),
]


def test_what_tells_more_weighs_more() -> None:
    weights = fit_weights(OBSERVATIONS)
    assert weights.near > weights.words > 0
    assert weights.probability(EvidenceMeasures(0.6, 0.5)) > 0.9
    assert weights.probability(EvidenceMeasures(0.3, 0.4)) < 0.1


def test_a_larger_set_does_not_count_for_more() -> None:
    small = fit_weights(OBSERVATIONS)
    larger = [*OBSERVATIONS, *(seen for seen in OBSERVATIONS if seen.corpus == "one")]
    assert fit_weights(larger).near == pytest.approx(small.near)


def test_without_vectors_words_are_all_there_is() -> None:
    weights = fit_weights([without_vectors(seen) for seen in OBSERVATIONS])
    assert weights.near == 0
    assert weights.words > 0


def test_each_corpus_is_judged_by_the_others() -> None:
    one, two = held_out(OBSERVATIONS)
    assert (one.corpus, two.corpus) == ("one", "two")
    assert one.refused(0.5) < 0.1
    assert one.answered(0.5) < 0.1
    assert one.refused(1.0) == 1.0
    others = [seen for seen in OBSERVATIONS if seen.corpus == "two"]
    weights = fit_weights(others)
    assert set(one.own) == {
        weights.probability(seen.measures)
        for seen in OBSERVATIONS
        if seen.corpus == "one" and seen.answerable
    }


@pytest.mark.parametrize("arguments", [["a.jsonl", "a"], ["a.jsonl", "a", "b.jsonl"]])
def test_one_corpus_has_none_to_be_judged_by(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["fit-evidence", *(str(tmp_path / name) for name in arguments)])
    assert done.exit_code == 2
    assert "two pairs" in done.output
