"""What is asked, and what a right answer would rest on."""

import re
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        problem = "is not a regular expression: {problem}"
        raise PydanticCustomError("regex", problem, {"problem": str(error)}) from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class _Row(BaseModel):
    """Ignores the fields of other tools, but not a known field that is spelled wrong."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _refuse_misspelled_fields(cls, data: object) -> object:
        if isinstance(data, dict):
            unset = [name for name in cls.model_fields if name not in data]
            for name in data.keys() - cls.model_fields.keys():
                for meant in get_close_matches(str(name), unset, n=1, cutoff=0.8):
                    raise PydanticCustomError(
                        "misspelled",
                        "the field '{name}' is not known; is '{meant}' meant?",
                        {"name": name, "meant": meant},
                    )
        return data


class Gold(_Row):
    """A page, a section of it, or words of a passage that answer the question.

    `path` is relative to the docs folder, `anchor` is the part of a link behind `#`. `text` is in
    the right passage as the docs write it, but for case and white space.
    """

    path: NonEmpty
    anchor: NonEmpty | None = None
    text: NonEmpty | None = None


class Turn(_Row):
    """What a reader asked before. Without an `answer` the assistant is asked for one.

    A plain text stands for a turn without an answer.
    """

    question: NonEmpty
    answer: NonEmpty | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        return {"question": data} if isinstance(data, str) else data


class Question(_Row):
    """One row of a question set.

    Any one of `gold` answers the question, or with `require` "all" only all of them together.
    Empty, the docs don't answer it and the assistant should say so. `answer` is a reference.
    `must_contain` and `must_not_contain` look for text without regard to case, `must_match` for
    regular expressions. `status` is what should come back, where `gold` doesn't tell. `turns` is
    the conversation in front of the question, `tools` are the tools that must be called for it.
    `version` and `locale` are those of the docs that the reader is on.
    """

    id: NonEmpty
    question: NonEmpty
    gold: tuple[Gold, ...]
    require: Literal["any", "all"] = "any"
    answer: NonEmpty | None = None
    must_contain: tuple[NonEmpty, ...] = ()
    must_not_contain: tuple[NonEmpty, ...] = ()
    must_match: tuple[Pattern, ...] = ()
    status: Literal["answered", "partial", "not_found", "off_topic"] | None = None
    turns: tuple[Turn, ...] = ()
    tools: tuple[NonEmpty, ...] = ()
    version: str = ""
    locale: str = ""
    tags: tuple[NonEmpty, ...] = ()
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _unanswerable_has_no_gold(self) -> Self:
        if not self.gold and self.status in {"answered", "partial"}:
            problem = "status is '{status}', but gold names no page that answers"
            raise PydanticCustomError("gold", problem, {"status": self.status})
        return self

    @property
    def earlier_questions(self) -> tuple[str, ...]:
        """What the reader asked before, in order."""
        return tuple(turn.question for turn in self.turns)

    @property
    def gold_pages(self) -> frozenset[str]:
        """Paths of the pages that answer."""
        return frozenset(gold.path for gold in self.gold)

    @property
    def gold_sections(self) -> frozenset[tuple[str, str]]:
        """Path and anchor of the sections that answer, where the set names sections."""
        return frozenset((gold.path, gold.anchor) for gold in self.gold if gold.anchor)

    @property
    def gold_texts(self) -> frozenset[tuple[str, str]]:
        """Path and words of the passages that answer, where the set gives their words."""
        return frozenset((gold.path, gold.text) for gold in self.gold if gold.text)

    @property
    def answerable(self) -> bool:
        """Whether an answer is expected, and not the word that the docs don't have one."""
        return self.status in {"answered", "partial"} if self.status else bool(self.gold)
