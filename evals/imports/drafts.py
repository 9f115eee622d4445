"""What is read from another tool's file, before its sources are known to be pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.questions import Question
from store.errors import OperatorError


class ImportSourceError(OperatorError):
    """A file of another tool that can't be read as questions."""

    def __init__(self, path: Path, problem: str, *, line: int | None = None) -> None:
        super().__init__(f"{path}:{line}: {problem}" if line else f"{path}: {problem}")
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class Draft:
    """A question on its way into a set.

    `fields` are those of `Question`. `urls` and `contexts` say, instead of `gold`, where the answer
    is: by the addresses of pages, or by texts that are to be found in the docs.
    """

    fields: dict[str, Any]
    path: Path
    line: int
    urls: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()

    @property
    def needs_index(self) -> bool:
        """Whether only the index can tell the gold."""
        return bool(self.urls or self.contexts)

    def complete(self, gold: Sequence[dict[str, str]]) -> Question:
        """Make the question, with more gold; raises `ImportSourceError` when it is none."""
        fields = {**self.fields, "gold": [*self.fields.get("gold", ()), *gold]}
        try:
            return Question.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ImportSourceError(
                self.path, f"{place}: {first['msg']}", line=self.line
            ) from error
