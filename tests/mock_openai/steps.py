"""The steps of a script: what the model says, and how a request fails."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Pause:
    """Wait within a text: `seconds`, or with None until the test calls `MockOpenAI.release`."""

    seconds: float | None = None


@dataclass(frozen=True)
class Raw:
    """Data of a server-sent event that is sent as it stands, such as half of a JSON object."""

    data: str


class Text:
    """An assistant's message, streamed in these deltas."""

    def __init__(self, *deltas: str | Pause | Raw) -> None:
        self.parts = deltas
        self.text = "".join(part for part in deltas if isinstance(part, str))


class Thought:
    """What a reasoning model tells of its thoughts, streamed in these deltas.

    Responses tells it as a summary, Chat Completions as `reasoning_content`.
    """

    def __init__(self, *deltas: str | Pause) -> None:
        self.parts = deltas
        self.text = "".join(part for part in deltas if isinstance(part, str))


class Call:
    """A function call, its arguments streamed in two deltas; a str is sent as it stands."""

    def __init__(self, name: str, arguments: Mapping[str, object] | str) -> None:
        self.name = name
        self.arguments = arguments if isinstance(arguments, str) else json.dumps(dict(arguments))
        middle = len(self.arguments) // 2
        self.parts = (self.arguments[:middle], self.arguments[middle:])


End = Literal["completed", "incomplete", "failed", "cut"]


@dataclass(frozen=True)
class Reply:
    """One answer of the model.

    `end` is how it ends after all deltas: as it should, out of output tokens, with an error event
    in the stream, or by a lost connection.
    """

    output: tuple[Text | Call | Thought, ...]
    end: End = "completed"
    input_tokens: int = 11
    output_tokens: int = 7
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True)
class Reset:
    """A connection that is reset before there is any response."""


@dataclass(frozen=True)
class Failure:
    """An HTTP error with OpenAI's body."""

    status: int
    message: str = "The mock was told to fail."
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": self.message, "type": kind, "param": None, "code": self.code}}
