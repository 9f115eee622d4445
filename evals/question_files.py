"""Read question sets, JSONL or YAML; a mistake is named by its line."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import yaml
from pydantic import ValidationError

from evals.outputs import write_text
from evals.questions import Question
from store.errors import OperatorError

YAML_SUFFIXES = {".yaml", ".yml"}


class QuestionsError(OperatorError):
    """A question set that can't be used, with the line of its first mistake."""

    def __init__(self, path: Path, problem: str, *, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {problem}")
        self.path = path
        self.line = line
        self.problem = problem


def read_questions(path: Path) -> list[Question]:
    """Read a question set: JSONL, or a YAML list when the name ends in .yaml or .yml.

    Raises `QuestionsError` that names the first line that is not a question, or an id used twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise QuestionsError(path, error.strerror or "can't be read") from error
    except UnicodeDecodeError as error:
        raise QuestionsError(path, "is not UTF-8") from error
    rows = _yaml_rows if path.suffix in YAML_SUFFIXES else _json_rows
    questions: dict[str, Question] = {}
    for row in rows(path, text):
        try:
            question = Question.model_validate(row.data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            problem = f"{field}: {first['msg']}" if field else first["msg"]
            raise QuestionsError(path, problem, line=row.line_of(first["loc"])) from error
        if question.id in questions:
            problem = f"the id {question.id!r} is used twice"
            raise QuestionsError(path, problem, line=row.line_of(("id",)))
        questions[question.id] = question
    if not questions:
        raise QuestionsError(path, "has no questions")
    return list(questions.values())


def write_questions(path: Path, questions: Iterable[Question]) -> None:
    """Write a question set as JSONL, without the fields that are as they would be anyway."""
    lines = (
        question.model_dump_json(exclude_defaults=True, exclude_none=True) for question in questions
    )
    write_text(path, "".join(f"{line}\n" for line in lines))


class _Row(Protocol):
    data: object

    def line_of(self, location: tuple[int | str, ...]) -> int:
        """Return the line of a field, or of the nearest thing around it."""
        ...


class _JsonRow:
    def __init__(self, data: object, line: int) -> None:
        self.data = data
        self._line = line

    def line_of(self, location: tuple[int | str, ...]) -> int:
        del location  # A row is one line.
        return self._line


def _json_rows(path: Path, text: str) -> Iterator[_Row]:
    # Not splitlines: it also splits at U+2028, which JSON allows inside a string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _JsonRow(json.loads(line), number)
        except json.JSONDecodeError as error:
            raise QuestionsError(path, f"is not JSON: {error.msg}", line=number) from error


class _YamlRow:
    def __init__(self, data: object, node: yaml.Node) -> None:
        self.data = data
        self._node = node

    def line_of(self, location: tuple[int | str, ...]) -> int:
        node = self._node
        for step in location:
            inner = _child(node, step)
            if inner is None:
                break
            node = inner
        return int(node.start_mark.line) + 1


def _child(node: yaml.Node, step: int | str) -> yaml.Node | None:
    match node:
        case yaml.MappingNode():
            return next((value for key, value in node.value if key.value == step), None)
        case yaml.SequenceNode() if isinstance(step, int):
            inner: yaml.Node = node.value[step]
            return inner
        case _:
            return None


def _yaml_rows(path: Path, text: str) -> Iterator[_Row]:
    # Every scalar stays text: the answer `yes` is a word here, and `404` an error message.
    try:
        loader = yaml.BaseLoader(text)
    except yaml.YAMLError as error:
        raise QuestionsError(path, f"is not YAML: {error}") from error
    try:
        root = loader.get_single_node()
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            raise QuestionsError(path, "is not a list of questions", line=1)
        for node in root.value:
            data: Any = loader.construct_object(node, deep=True)
            yield _YamlRow(data, node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise QuestionsError(path, f"is not YAML: {error.problem}", line=line) from error
    finally:
        loader.dispose()
