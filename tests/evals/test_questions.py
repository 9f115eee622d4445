from pathlib import Path

import pytest

from evals.questions import QuestionsError, read_questions

GOOD = '{"id": "q1", "question": "How?", "gold": [{"path": "a.md", "anchor": "how"}]}'


def written(folder: Path, text: str) -> Path:
    path = folder / "questions.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_questions_and_ignores_fields_of_others(tmp_path: Path) -> None:
    other = '{"id": "q2", "question": "Why?", "gold": [], "answer": "No.", "source": "a forum"}'
    first, second = read_questions(written(tmp_path, f"\ufeff{GOOD}\n\n{other}\n"))
    assert first.gold_pages == {"a.md"}
    assert first.gold_sections == {("a.md", "how")}
    assert second.gold_pages == frozenset()
    assert second.answer == "No."


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{not json", "is not JSON"),
        ("[]", "valid dictionary"),
        ('{"id": "q2", "gold": []}', "question: Field required"),
        ('{"id": "q2", "question": " ", "gold": []}', "question: String should have"),
        ('{"id": "q2", "question": "Why?", "gold": [{"anchor": "a"}]}', "gold.0.path"),
        ('{"id": "q2", "question": "Why?"}', "gold: Field required"),
        (GOOD, "the id 'q1' is used twice"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, line: str, problem: str) -> None:
    path = written(tmp_path, f"{GOOD}\n\n{line}\n")
    with pytest.raises(QuestionsError) as caught:
        read_questions(path)
    assert caught.value.line == 3
    assert str(caught.value).startswith(f"{path}:3: ")
    assert problem in caught.value.problem


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="No such file"):
        read_questions(tmp_path / "missing.jsonl")
    with pytest.raises(QuestionsError, match="has no questions"):
        read_questions(written(tmp_path, "\n"))
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9")
    with pytest.raises(QuestionsError, match="is not UTF-8"):
        read_questions(tmp_path / "latin.jsonl")
