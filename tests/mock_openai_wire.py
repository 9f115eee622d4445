"""What the mock OpenAI server says: scripted steps written in the shapes of OpenAI's HTTP API."""

import json
import math
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from struct import pack
from typing import Any, Literal

_numbers = count(1)


@dataclass(frozen=True)
class Pause:
    """Wait within a text: `seconds`, or with None until the test calls `MockOpenAI.release`."""

    seconds: float | None = None


class Text:
    """An assistant's message, streamed in these deltas."""

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

    output: tuple[Text | Call, ...]
    end: End = "completed"
    input_tokens: int = 11
    output_tokens: int = 7


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


Json = dict[str, Any]
Frame = Json | Pause | Literal["[DONE]"]
"""One server-sent event's data, or a wait before the next."""


class ConnectionCut(Exception):
    """Raised inside the server to drop a connection; never reaches a test."""


def _identifier(prefix: str) -> str:
    return f"{prefix}_{next(_numbers):08x}"


def sse(frame: Json | Literal["[DONE]"]) -> str:
    """Write one event; Responses events carry their type in an `event:` line too."""
    if frame == "[DONE]":
        return "data: [DONE]\n\n"
    assert isinstance(frame, dict)
    name = f"event: {frame['type']}\n" if "type" in frame else ""
    return f"{name}data: {json.dumps(frame)}\n\n"


def _response(request: Json, output: list[Json], status: str, reply: Reply | None) -> Json:
    usage = reply and {
        "input_tokens": reply.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": reply.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": reply.input_tokens + reply.output_tokens,
    }
    failed = {"code": "server_error", "message": "The mock was told to fail."}
    return {
        "id": "",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": failed if status == "failed" else None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": request.get("instructions"),
        "metadata": {},
        "model": request["model"],
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": request.get("tool_choice", "auto"),
        "tools": request.get("tools", []),
        "top_p": 1.0,
        "usage": usage,
    }


def _output_item(item: Text | Call, status: str) -> Json:
    match item:
        case Text():
            part = {"type": "output_text", "text": item.text, "annotations": [], "logprobs": []}
            return {
                "id": _identifier("msg"),
                "type": "message",
                "role": "assistant",
                "status": status,
                "content": [part],
            }
        case Call():
            return {
                "id": _identifier("fc"),
                "type": "function_call",
                "status": status,
                "name": item.name,
                "arguments": item.arguments,
                "call_id": _identifier("call"),
            }


def response_body(request: Json, reply: Reply) -> Json:
    """Answer `POST /responses` in one piece."""
    status = "completed" if reply.end in {"completed", "cut"} else reply.end
    output = [_output_item(item, status="completed") for item in reply.output]
    return _response(request, output, status, reply) | {"id": _identifier("resp")}


def response_frames(request: Json, reply: Reply) -> Iterator[Frame]:
    """Answer `POST /responses` with `stream`, numbering the events."""
    response_id = _identifier("resp")
    number = count()

    def event(kind: str, **data: object) -> Json:
        return {"type": f"response.{kind}", "sequence_number": next(number), **data}

    def snapshot(status: str, *, ended: bool) -> Json:
        response = _response(request, list(done) if ended else [], status, reply if ended else None)
        return response | {"id": response_id}

    done: list[Json] = []
    yield event("created", response=snapshot("in_progress", ended=False))
    yield event("in_progress", response=snapshot("in_progress", ended=False))
    for index, item in enumerate(reply.output):
        last = index == len(reply.output) - 1
        unfinished = last and reply.end != "completed"
        full = _output_item(item, status="incomplete" if unfinished else "completed")
        where = {"item_id": full["id"], "output_index": index}
        empty: Json = {"content": []} if isinstance(item, Text) else {"arguments": ""}
        started = full | {"status": "in_progress"} | empty
        yield event("output_item.added", output_index=index, item=started)
        match item:
            case Text():
                where["content_index"] = 0
                part = full["content"][0]
                yield event("content_part.added", **where, part=part | {"text": ""})
                for delta in item.parts:
                    if isinstance(delta, Pause):
                        yield delta
                    else:
                        yield event("output_text.delta", **where, delta=delta, logprobs=[])
                if last and reply.end in {"failed", "cut"}:
                    break
                yield event("output_text.done", **where, text=item.text, logprobs=[])
                yield event("content_part.done", **where, part=part)
            case Call():
                for delta in item.parts:
                    yield event("function_call_arguments.delta", **where, delta=delta)
                if last and reply.end in {"failed", "cut"}:
                    break
                said = {"name": item.name, "arguments": item.arguments}
                yield event("function_call_arguments.done", **where, **said)
        yield event("output_item.done", output_index=index, item=full)
        done.append(full)
    if reply.end == "cut":
        raise ConnectionCut
    yield event(reply.end, response=snapshot(reply.end, ended=True))


def _finish_reason(reply: Reply) -> str:
    if reply.end == "incomplete":
        return "length"
    return "tool_calls" if any(isinstance(item, Call) for item in reply.output) else "stop"


def _chat_usage(reply: Reply) -> Json:
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
    }


def _tool_call(call: Call, arguments: str) -> Json:
    function = {"name": call.name, "arguments": arguments}
    return {"id": _identifier("call"), "type": "function", "function": function}


def chat_body(request: Json, reply: Reply) -> Json:
    """Answer `POST /chat/completions` in one piece."""
    texts = [item.text for item in reply.output if isinstance(item, Text)]
    calls = [_tool_call(item, item.arguments) for item in reply.output if isinstance(item, Call)]
    message: Json = {"role": "assistant", "content": "".join(texts) if texts else None}
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": _finish_reason(reply)}
    return {
        "id": _identifier("chatcmpl"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": request["model"],
        "choices": [choice | {"logprobs": None}],
        "usage": _chat_usage(reply),
    }


def chat_frames(request: Json, reply: Reply) -> Iterator[Frame]:
    """Answer `POST /chat/completions` with `stream`."""
    head = {
        "id": _identifier("chatcmpl"),
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": request["model"],
    }
    wants_usage = (request.get("stream_options") or {}).get("include_usage", False)
    usage: Json = {"usage": None} if wants_usage else {}

    def chunk(delta: Json, finish_reason: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return head | usage | {"choices": [choice]}

    yield chunk({"role": "assistant", "content": ""})
    calls = count()
    for item in reply.output:
        match item:
            case Text():
                for delta in item.parts:
                    yield delta if isinstance(delta, Pause) else chunk({"content": delta})
            case Call():
                index = next(calls)
                yield chunk({"tool_calls": [{"index": index} | _tool_call(item, "")]})
                for delta in item.parts:
                    call = {"index": index, "function": {"arguments": delta}}
                    yield chunk({"tool_calls": [call]})
    if reply.end == "cut":
        raise ConnectionCut
    if reply.end == "failed":
        yield Failure(500).body
        return
    yield chunk({}, _finish_reason(reply))
    if wants_usage:
        yield head | {"choices": [], "usage": _chat_usage(reply)}
    yield "[DONE]"


def embedding(text: str, dimension: int) -> list[float]:
    """Make a unit vector of the text's words, so that texts that share words are near."""
    vector = [0.0] * dimension
    for word in text.lower().split() or [text]:
        digest = sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:4], "big") % dimension] += 1.0
    norm = math.sqrt(sum(value * value for value in vector))
    return [value / norm for value in vector]


def embeddings_body(request: Json) -> Json:
    """Answer `POST /embeddings`."""
    texts = [request["input"]] if isinstance(request["input"], str) else request["input"]
    data = []
    for index, text in enumerate(texts):
        vector = embedding(text, request.get("dimensions", 1536))
        packed = b64encode(pack(f"<{len(vector)}f", *vector)).decode()
        value = packed if request.get("encoding_format") == "base64" else vector
        data.append({"object": "embedding", "index": index, "embedding": value})
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": request["model"], "usage": usage}
