"""Question sets: what is asked, and what a right answer would rest on."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from store.errors import OperatorError

NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class QuestionsError(OperatorError):
    """A question set that can't be used, with the line of its first mistake."""

    def __init__(self, path: Path, problem: str, *, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {problem}")
        self.path = path
        self.line = line
        self.problem = problem


class Gold(BaseModel):
    """A page, or a section of it, that answers the question.

    `path` is relative to the docs folder, `anchor` is the part of a link behind `#`.
    """

    model_config = ConfigDict(frozen=True)

    path: NonEmpty
    anchor: NonEmpty | None = None


class Question(BaseModel):
    """One row of a question set.

    Any one of `gold` is enough to answer. An empty `gold` means that the docs don't answer it,
    and the assistant should say so. `answer` is a reference answer. Other fields are ignored.
    """

    model_config = ConfigDict(frozen=True)

    id: NonEmpty
    question: NonEmpty
    gold: tuple[Gold, ...]
    answer: str | None = None

    @property
    def gold_pages(self) -> frozenset[str]:
        """Paths of the pages that answer."""
        return frozenset(gold.path for gold in self.gold)

    @property
    def gold_sections(self) -> frozenset[tuple[str, str]]:
        """Path and anchor of the sections that answer, where the set names sections."""
        return frozenset((gold.path, gold.anchor) for gold in self.gold if gold.anchor)


def read_questions(path: Path) -> list[Question]:
    """Read a JSONL question set; blank lines are skipped.

    Raises `QuestionsError` that names the first line that is not a question, or an id used twice.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise QuestionsError(path, error.strerror or "can't be read") from error
    except UnicodeDecodeError as error:
        raise QuestionsError(path, "is not UTF-8") from error
    questions = []
    seen: Counter[str] = Counter()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = Question.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise QuestionsError(path, f"is not JSON: {error.msg}", line=number) from error
        except ValidationError as error:
            raise QuestionsError(path, _first_problem(error), line=number) from error
        seen[question.id] += 1
        if seen[question.id] > 1:
            raise QuestionsError(path, f"the id {question.id!r} is used twice", line=number)
        questions.append(question)
    if not questions:
        raise QuestionsError(path, "has no questions")
    return questions


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {first['msg']}" if field else first["msg"]
