"""A reply in the shapes of the Responses API."""

import time
from collections.abc import Iterator
from itertools import count

from tests.mock_openai.steps import Call, Reply, Text, Thought
from tests.mock_openai.wire import ConnectionCut, Frame, Json, identifier


def _response(request: Json, output: list[Json], status: str, reply: Reply | None) -> Json:
    usage = reply and {
        "input_tokens": reply.input_tokens,
        "input_tokens_details": {"cached_tokens": reply.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": reply.output_tokens,
        "output_tokens_details": {"reasoning_tokens": reply.reasoning_tokens},
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


def _output_item(item: Text | Call | Thought, status: str) -> Json:
    match item:
        case Text():
            part = {"type": "output_text", "text": item.text, "annotations": [], "logprobs": []}
            return {
                "id": identifier("msg"),
                "type": "message",
                "role": "assistant",
                "status": status,
                "content": [part],
            }
        case Call():
            return {
                "id": identifier("fc"),
                "type": "function_call",
                "status": status,
                "name": item.name,
                "arguments": item.arguments,
                "call_id": identifier("call"),
            }
        case Thought():
            summary = [{"type": "summary_text", "text": item.text}] if item.text else []
            return {"id": identifier("rs"), "type": "reasoning", "summary": summary}


def _empty(item: Text | Call | Thought) -> Json:
    match item:
        case Text():
            return {"content": []}
        case Call():
            return {"arguments": ""}
        case Thought():
            return {"summary": []}


def response_body(request: Json, reply: Reply) -> Json:
    """Answer `POST /responses` in one piece."""
    status = "completed" if reply.end in {"completed", "cut"} else reply.end
    output = [_output_item(item, status="completed") for item in reply.output]
    return _response(request, output, status, reply) | {"id": identifier("resp")}


def response_frames(request: Json, reply: Reply) -> Iterator[Frame]:
    """Answer `POST /responses` with `stream`, numbering the events."""
    response_id = identifier("resp")
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
        started = full | {"status": "in_progress"} | _empty(item)
        yield event("output_item.added", output_index=index, item=started)
        match item:
            case Text():
                where["content_index"] = 0
                part = full["content"][0]
                yield event("content_part.added", **where, part=part | {"text": ""})
                for delta in item.parts:
                    if isinstance(delta, str):
                        yield event("output_text.delta", **where, delta=delta, logprobs=[])
                    else:
                        yield delta
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
            case Thought() if item.text:
                where["summary_index"] = 0
                part = full["summary"][0]
                yield event("reasoning_summary_part.added", **where, part=part | {"text": ""})
                for delta in item.parts:
                    yield (
                        event("reasoning_summary_text.delta", **where, delta=delta)
                        if isinstance(delta, str)
                        else delta
                    )
                if last and reply.end in {"failed", "cut"}:
                    break
                yield event("reasoning_summary_text.done", **where, text=item.text)
                yield event("reasoning_summary_part.done", **where, part=part)
        yield event("output_item.done", output_index=index, item=full)
        done.append(full)
    if reply.end == "cut":
        raise ConnectionCut
    yield event(reply.end, response=snapshot(reply.end, ended=True))
