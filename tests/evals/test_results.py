from pathlib import Path

import pytest

from evals.results import Cited, Result, ResultsError, ResultsFile, Retrieved, read_results

RESULT = Result(
    id="q1",
    question="Wie\u2028geht das?",
    retrieved=(Retrieved(rank=1, path="a.md", anchor="x", url="/a#x", score=0.5),),
    answer="So [1].",
    citations=(Cited(1, "a.md", "x", "/a#x", resolves=True, text="So geht das."),),
    status="answered",
    seconds={"search": 0.25},
)
OTHER = Result(id="q2", question="Why?", status="error", error="ValueError: x")


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    with ResultsFile(path) as file:
        file.add(OTHER)
        assert read_results(path) == [OTHER]
        file.add(RESULT)
        file.complete([RESULT, OTHER])
    assert read_results(path) == [RESULT, OTHER]
    assert list(tmp_path.iterdir()) == [path]


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    assert read_results(path) == []
    with ResultsFile(path) as file:
        file.add(RESULT)
    path.write_text(path.read_text(encoding="utf-8") + '{"id": "q2", "ques', encoding="utf-8")
    assert read_results(path) == [RESULT]


def test_what_is_no_result_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    with ResultsFile(path) as file:
        file.add(RESULT)
    path.write_text(path.read_text(encoding="utf-8") + '{"id": "q2"}\n', encoding="utf-8")
    with pytest.raises(ResultsError, match=r"results\.jsonl:2: is not a result"):
        read_results(path)
