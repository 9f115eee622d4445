"""A reply in the shapes of the Chat Completions API."""

import time
from collections.abc import Iterator
from itertools import count

from tests.mock_openai.steps import Call, Failure, Reply, Text, Thought
from tests.mock_openai.wire import ConnectionCut, Frame, Json, identifier


def _finish_reason(reply: Reply) -> str:
    if reply.end == "incomplete":
        return "length"
    return "tool_calls" if any(isinstance(item, Call) for item in reply.output) else "stop"


def _chat_usage(reply: Reply) -> Json:
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
        "prompt_tokens_details": {"cached_tokens": reply.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": reply.reasoning_tokens},
    }


def _tool_call(call: Call, arguments: str) -> Json:
    function = {"name": call.name, "arguments": arguments}
    return {"id": identifier("call"), "type": "function", "function": function}


def chat_body(request: Json, reply: Reply) -> Json:
    """Answer `POST /chat/completions` in one piece."""
    texts = [item.text for item in reply.output if isinstance(item, Text)]
    calls = [_tool_call(item, item.arguments) for item in reply.output if isinstance(item, Call)]
    message: Json = {"role": "assistant", "content": "".join(texts) if texts else None}
    thoughts = [item.text for item in reply.output if isinstance(item, Thought)]
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": _finish_reason(reply)}
    return {
        "id": identifier("chatcmpl"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": request["model"],
        "choices": [choice | {"logprobs": None}],
        "usage": _chat_usage(reply),
    }


def chat_frames(request: Json, reply: Reply) -> Iterator[Frame]:
    """Answer `POST /chat/completions` with `stream`."""
    head = {
        "id": identifier("chatcmpl"),
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
                    yield chunk({"content": delta}) if isinstance(delta, str) else delta
            case Thought():
                for delta in item.parts:
                    if isinstance(delta, str):
                        yield chunk({"reasoning_content": delta})
                    else:
                        yield delta
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
