from pathlib import Path

import pytest

from evals.question_files import QuestionsError, read_questions
from evals.questions import Question

GOOD = '{"id": "q1", "question": "How?", "gold": [{"path": "a.md", "anchor": "how"}]}'


def written(folder: Path, text: str, name: str = "questions.jsonl") -> Path:
    path = folder / name
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
        ('{"id": "q2", "question": "?", "gold": [], "must_match": ["("]}', "must_match.0: is not"),
        ('{"id": "q2", "question": "?", "gold": [], "weight": 0}', "weight: Input should be gr"),
        ('{"id": "q2", "question": "?", "gold": [], "status": "lost"}', "status: Input should be"),
        ('{"id": "q2", "question": "?", "gold": [], "status": "answered"}', "gold names no page"),
        ('{"id": "q2", "question": "?", "gold": [], "must_contian": ["x"]}', "is 'must_contain'"),
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


def test_a_line_separator_inside_a_string_ends_no_row(tmp_path: Path) -> None:
    row = '{"id": "q1", "question": "one two", "gold": []}'
    [question] = read_questions(written(tmp_path, row))
    assert question.question == "one two"


YAML = """\
# A comment.
- id: q1
  question: How?
  gold:
    - path: a.md
      anchor: how
  tags: [first]
  answer: yes
  must_contain: [404]
  weight: 2
- id: 2024-01
  question: |
    Why does it fail
    with two lines?
  gold: []
"""


def test_reads_yaml(tmp_path: Path) -> None:
    first, second = read_questions(written(tmp_path, YAML, "questions.yaml"))
    assert first.gold_sections == {("a.md", "how")}
    assert first.tags == ("first",)
    assert (first.answer, first.must_contain, first.weight) == ("yes", ("404",), 2.0)
    assert second.question == "Why does it fail\nwith two lines?"
    assert not second.answerable


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (YAML.replace("path: a.md", "path: ''"), 5, "gold.0.path"),
        (YAML.replace("  question: How?\n", ""), 2, "question: Field required"),
        (YAML.replace("2024-01", "q1"), 11, "used twice"),
        (YAML.replace("[first]", "[first"), 8, "is not YAML"),
        ("questions: []", 1, "is not a list"),
        ("- \x00", None, "is not YAML"),
    ],
)
def test_a_mistake_in_yaml_is_named_by_its_own_line(
    tmp_path: Path, text: str, line: int | None, problem: str
) -> None:
    with pytest.raises(QuestionsError) as caught:
        read_questions(written(tmp_path, text, "questions.yml"))
    assert caught.value.line == line
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("gold", "status", "answerable"),
    [
        ([], None, False),
        ([{"path": "a.md"}], None, True),
        ([{"path": "a.md"}], "partial", True),
        ([{"path": "a.md"}], "not_found", False),
    ],
)
def test_status_decides_before_gold_whether_an_answer_is_expected(
    gold: list[dict[str, str]], status: str | None, answerable: bool
) -> None:
    row = {"id": "q", "question": "?", "gold": gold, "status": status}
    assert Question.model_validate(row).answerable is answerable


def test_turns_are_texts_or_exchanges(tmp_path: Path) -> None:
    turns = '"turns": ["How?", {"question": "In Docker?", "answer": "Yes."}]'
    [question] = read_questions(written(tmp_path, GOOD.removesuffix("}") + f", {turns}}}"))
    assert question.earlier_questions == ("How?", "In Docker?")
    assert [turn.answer for turn in question.turns] == [None, "Yes."]
