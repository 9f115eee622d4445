"""What an answer is when it is asked for in one piece, as evaluations and scripts do."""

from dataclasses import dataclass
from typing import Literal

from server.citations import Citation
from store.records import ScoredPassage

Status = Literal["answered", "partial", "not_found"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer with what it rests on.

    `text` holds each accepted citation as `[marker]`. `retrieved` lists what was searched up,
    best first, without repeats. `seconds` has `search`, `first_token` and `total`.
    """

    text: str
    citations: tuple[Citation, ...]
    status: Status
    retrieved: list[ScoredPassage]
    seconds: dict[str, float]


def answer_status(*, cited: bool, missing: bool) -> Status:
    """Tell from what was cited, and from the model's own word that something is missing.

    An answer without one accepted citation rests on nothing, whatever it says.
    """
    if not cited:
        return "not_found"
    return "partial" if missing else "answered"
