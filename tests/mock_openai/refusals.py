"""What OpenAI refuses, so that a client's mistake fails a test and not a reader's question."""

from collections.abc import Mapping

from tests.mock_openai.steps import Failure
from tests.mock_openai.wire import Json


def _problem_of_any_request(headers: Mapping[str, str], body: Json) -> Failure | None:
    if not headers.get("authorization", "").startswith("Bearer "):
        return Failure(401, "You didn't provide an API key.", code="invalid_api_key")
    if not body.get("model"):
        return Failure(400, "you must provide a model parameter")
    return None


def problem_of_response_request(headers: Mapping[str, str], body: Json) -> Failure | None:
    """Check keys, ids, and that calls and their outputs belong together."""
    if problem := _problem_of_any_request(headers, body):
        return problem
    items = body.get("input")
    if isinstance(items, str):
        return None
    if not isinstance(items, list):
        return Failure(400, "Missing required parameter: 'input'.")
    open_calls: set[str] = set()
    for index, item in enumerate(items):
        kind = item.get("type", "message")
        prefix = {"message": "msg", "function_call": "fc"}.get(kind, "")
        if item.get("id") is not None and not item["id"].startswith(prefix):
            return Failure(
                400,
                f"Invalid 'input[{index}].id': '{item['id']}'. "
                f"Expected an ID that begins with '{prefix}'.",
            )
        if kind == "function_call":
            open_calls.add(item["call_id"])
        elif kind == "function_call_output":
            if item["call_id"] not in open_calls and "previous_response_id" not in body:
                return Failure(400, f"No tool call found for call_id {item['call_id']}.")
            open_calls.discard(item["call_id"])
    if open_calls:
        return Failure(400, f"No tool output found for function call {min(open_calls)}.")
    return None


def problem_of_chat_request(headers: Mapping[str, str], body: Json) -> Failure | None:
    """Check that every tool call is answered right behind its message."""
    if problem := _problem_of_any_request(headers, body):
        return problem
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return Failure(400, "Missing required parameter: 'messages'.")
    open_calls: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                return Failure(400, "A 'tool' message must follow a message with 'tool_calls'.")
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            break
        open_calls = {call["id"] for call in message.get("tool_calls") or ()}
    if open_calls:
        return Failure(400, f"These tool_call_ids have no response message: {sorted(open_calls)}")
    return None


def problem_of_embedding_request(headers: Mapping[str, str], body: Json) -> Failure | None:
    """Check the number of texts and that none is empty."""
    if problem := _problem_of_any_request(headers, body):
        return problem
    texts = body.get("input")
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts or not all(texts) or len(texts) > 2048:
        return Failure(400, "'input' must be 1 to 2048 strings, none of them empty.")
    return None
