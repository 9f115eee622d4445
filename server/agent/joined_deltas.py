"""Events of a model's stream, fewer and smaller than they came.

Neighbours that differ in their text alone become one, and what repeats the request is left out.
"""

from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json

_END: Final = b"\n\n"
_DATA: Final = b"data: "
_ARGUMENTS: Final = "response.function_call_arguments.delta"
# Thoughts stay as they come: a client is shown how each of them grows.
_TEXTS: Final = frozenset({"response.output_text.delta", "response.refusal.delta", _ARGUMENTS})
# Events with a snapshot of the response, which has with it what the request said.
_REPEATED: Final = b'"response":'
_OF_THE_REQUEST: Final[dict[str, Any]] = {"tools": [], "instructions": None}
# Events that tell nothing which those around them don't: each costs as much as any other.
_UNREAD: Final = (
    b"event: response.in_progress\n",
    b"event: response.function_call_arguments.done\n",
    b"event: response.content_part.done\n",
)
# Differ from event to event, and say nothing once two are one.
_VOLATILE: Final = ("sequence_number", "obfuscation")


@dataclass(slots=True)
class _Delta:
    """A text event: `slot` of `holder`, a part of `event`, is where its texts belong."""

    raw: bytes
    head: bytes
    event: dict[str, Any]
    holder: dict[str, Any]
    slot: str
    texts: list[str]

    @property
    def written(self) -> bytes:
        """The event as it is sent on."""
        if len(self.texts) == 1:
            return self.raw
        self.holder[self.slot] = "".join(self.texts)
        return self.head + _DATA + to_json(self.event)

    def join(self, other: "_Delta") -> bool:
        """Take over the text of the event behind this one, if they differ in nothing else."""
        volatile: dict[str, Any] = {
            name: other.event[name] for name in _VOLATILE if name in other.event
        }
        other.event.update((name, self.event.get(name)) for name in volatile)
        if other.event != self.event:
            other.event.update(volatile)
            return False
        self.texts += other.texts
        return True


class JoinedDeltas:
    """Takes the bytes of an event stream as they come, and hands its whole events on, joined.

    `size` is how many bytes wait to be handed on; `has_deltas` tells that there are deltas among
    them, `urgent` that there is something else. `shows_text` tells that what came last is a delta
    of a text that readers are shown, and no argument of a tool.
    """

    def __init__(self) -> None:
        self.size = 0
        self.has_deltas = False
        self.urgent = False
        self.shows_text = False
        self._rest = b""
        self._events: list[bytes | _Delta] = []

    def feed(self, part: bytes) -> None:
        """Take the next bytes; lines end in any of the ways that lines of events may."""
        received = self._rest + part
        if b"\r" in received:
            # Whether it ends a line by itself is known with the next byte.
            whole = received.removesuffix(b"\r")
            held = received[len(whole) :]
            received = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + held
        *events, self._rest = received.split(_END)
        for event in events:
            self._add(event)

    def take(self) -> bytes:
        """Return what waits."""
        written = [event.written if isinstance(event, _Delta) else event for event in self._events]
        self._events = []
        self.size = 0
        self.has_deltas = self.urgent = False
        return b"".join([event + _END for event in written])

    def take_rest(self) -> bytes:
        """Return what waits and, of a stream that ended within an event, what came of that."""
        rest, self._rest = self._rest, b""
        return self.take() + rest

    def _add(self, raw: bytes) -> None:
        if raw.startswith(_UNREAD):
            return
        self.size += len(raw) + len(_END)
        if _REPEATED in raw:
            raw = _without_request(raw)
        delta = _read(raw)
        self.shows_text = delta is not None and delta.event.get("type") != _ARGUMENTS
        if delta is None:
            self.urgent = True
            self._events.append(raw)
            return
        self.has_deltas = True
        last = self._events[-1] if self._events else None
        if not isinstance(last, _Delta) or not last.join(delta):
            self._events.append(delta)


def _without_request(raw: bytes) -> bytes:
    """Leave out of a snapshot what nobody reads: making objects of tools is what it costs most."""
    head, newline, line = raw.rpartition(b"\n")
    try:
        event = from_json(line.removeprefix(_DATA))
    except ValueError:
        return raw
    match event:
        case {"response": {"object": "response", "tools": [_, *_]} as response}:
            response.update(_OF_THE_REQUEST)
            return head + newline + _DATA + to_json(event)
        case _:
            return raw


def _read(raw: bytes) -> _Delta | None:
    head, newline, line = raw.rpartition(b"\n")
    if b'"delta"' not in line or not line.startswith(_DATA) or _DATA in head:
        return None
    try:
        event = from_json(line.removeprefix(_DATA))
    except ValueError:
        return None
    match event:
        case {"delta": str(text), "type": kind} if text and kind in _TEXTS:
            holder, slot = event, "delta"
        case {
            "object": "chat.completion.chunk",
            "choices": [{"delta": {"content": str(text)} as holder}],
        } if text:
            slot = "content"
        case _:
            return None
    holder[slot] = ""
    return _Delta(raw, head + newline, event, holder, slot, [text])
