"""What an answer is when it is asked for in one piece, as evaluations and scripts do."""

from dataclasses import dataclass, field
from typing import Literal

from server.citations import Citation
from store.records import ScoredPassage

Status = Literal["answered", "partial", "not_found"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question of the same reader that has its answer already."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer with what it rests on.

    `text` holds each accepted citation as `[marker]`. `retrieved` lists what was searched up,
    best first, without repeats. `seconds` has `search`, `first_token` and `total`. `tools` are the
    names of the tools in the order of their calls. `tokens` has `input`, `cached` (a part of the
    input) and `output`, of all calls of the model; it is empty when the model doesn't count them.
    """

    text: str
    citations: tuple[Citation, ...]
    status: Status
    retrieved: list[ScoredPassage]
    seconds: dict[str, float]
    tools: tuple[str, ...] = ()
    tokens: dict[str, int] = field(default_factory=dict)


def answer_status(*, cited: bool, missing: bool) -> Status:
    """Tell from what was cited, and from the model's own word that something is missing.

    An answer without one accepted citation rests on nothing, whatever it says.
    """
    if not cited:
        return "not_found"
    return "partial" if missing else "answered"
