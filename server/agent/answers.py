"""What an answer is when it is asked for in one piece, as evaluations and scripts do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from agents import Usage

from server.agent.turn import Turn
from server.answer.answer_text import AnswerText
from server.answer.citations import Citation
from server.answer.support import Problem
from server.search.abstention import is_off_topic
from store.records import ScoredPassage

Status = Literal["answered", "partial", "not_found", "off_topic"]


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
    names of the tools in the order of their calls. `tokens` are those of all calls of the model, as
    `token_counts` tells them.
    `score` is how good the best search's evidence is, None without a search; from `threshold` on it
    is good enough by itself. `problems` says of each citation why its passage doesn't hold the
    sentence, or None.
    """

    text: str
    citations: tuple[Citation, ...]
    status: Status
    retrieved: list[ScoredPassage]
    seconds: dict[str, float]
    tools: tuple[str, ...] = ()
    tokens: dict[str, int] = field(default_factory=dict)
    score: float | None = None
    threshold: float | None = None
    problems: tuple[Problem | None, ...] = ()


def token_counts(usage: Usage) -> dict[str, int]:
    """Return the tokens by kind; {} when the model doesn't count them.

    `cached` are a part of the `input`, `reasoning` a part of the `output`.
    """
    if not usage.total_tokens:
        return {}
    return {
        "input": usage.input_tokens,
        "cached": usage.input_tokens_details.cached_tokens or 0,
        "output": usage.output_tokens,
        "reasoning": usage.output_tokens_details.reasoning_tokens or 0,
    }


def answer_status(turn: Turn, texts: Sequence[AnswerText]) -> Status:
    """Tell from the search's scores, and from what is cited with support, what an answer is.

    An answer without an accepted citation rests on nothing, whatever it says. One from passages
    that the search doubts rests on nothing either unless a citation holds its sentence.
    """
    checked = [item for text in texts for item in text.checked]
    supported = any(item.problem is None for item in checked)
    if not checked or not (supported or turn.has_evidence):
        beside = turn.score is None or is_off_topic(turn.score, turn.threshold)
        return "off_topic" if beside else "not_found"
    complete = supported and not any(text.missing for text in texts)
    return "answered" if complete else "partial"
