"""Server-sent events, and the ids in them."""

import json
from itertools import count
from typing import Any, Literal

from tests.mock_openai.steps import Pause, Raw

_numbers = count(1)

Json = dict[str, Any]
Frame = Json | Pause | Raw | Literal["[DONE]"]
"""One server-sent event's data, or a wait before the next."""


class ConnectionCut(Exception):
    """Raised inside the server to drop a connection; never reaches a test."""


def identifier(prefix: str) -> str:
    """Make an id that no other answer has."""
    return f"{prefix}_{next(_numbers):08x}"


def sse(frame: Json | Raw | Literal["[DONE]"]) -> str:
    """Write one event; Responses events carry their type in an `event:` line too."""
    if frame == "[DONE]":
        return "data: [DONE]\n\n"
    if isinstance(frame, Raw):
        return f"data: {frame.data}\n\n"
    assert isinstance(frame, dict)
    event = f"event: {frame['type']}\n" if "type" in frame else ""
    return f"{event}data: {json.dumps(frame)}\n\n"
