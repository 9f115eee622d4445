"""Output items written as the events of a streamed Responses API answer."""

import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import count

from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseFunctionCallArgumentsDeltaEvent,
    ResponseFunctionCallArgumentsDoneEvent,
    ResponseFunctionToolCall,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseStreamEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
    ResponseUsage,
)
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

OutputItem = ResponseFunctionToolCall | ResponseOutputMessage


def unique_id(prefix: str) -> str:
    """Make an id that no other item of any answer has."""
    return f"{prefix}_{uuid.uuid4().hex}"


def function_call(name: str, arguments: str) -> ResponseFunctionToolCall:
    """Make a call of a function tool; `arguments` is JSON."""
    return ResponseFunctionToolCall(
        id=unique_id("fc"),
        call_id=unique_id("call"),
        name=name,
        arguments=arguments,
        type="function_call",
        status="completed",
    )


def assistant_message(text: str) -> ResponseOutputMessage:
    """Make a finished message of the assistant."""
    return ResponseOutputMessage(
        id=unique_id("msg"),
        content=[_text_part(text)],
        role="assistant",
        status="completed",
        type="message",
    )


def response_events(
    item: OutputItem, *, model: str, deltas: Sequence[str] = ()
) -> Iterator[ResponseStreamEvent]:
    """Stream an answer of one item; `deltas` are the parts of a message's text."""
    number = count()
    response = Response(
        id=unique_id("resp"),
        created_at=time.time(),
        model=model,
        object="response",
        output=[],
        parallel_tool_calls=False,
        status="in_progress",
        tool_choice="auto",
        tools=[],
    )
    yield ResponseCreatedEvent(
        response=response, sequence_number=next(number), type="response.created"
    )
    match item:
        case ResponseFunctionToolCall():
            yield from _call_events(item, number)
        case ResponseOutputMessage():
            yield from _message_events(item, deltas, number)
    yield ResponseOutputItemDoneEvent(
        item=item, output_index=0, sequence_number=next(number), type="response.output_item.done"
    )
    completed = response.model_copy(
        update={"output": [item], "status": "completed", "usage": _no_usage()}
    )
    yield ResponseCompletedEvent(
        response=completed, sequence_number=next(number), type="response.completed"
    )


def _call_events(
    call: ResponseFunctionToolCall, number: Iterator[int]
) -> Iterator[ResponseStreamEvent]:
    item_id = call.id or call.call_id
    yield ResponseOutputItemAddedEvent(
        item=call.model_copy(update={"arguments": "", "status": "in_progress"}),
        output_index=0,
        sequence_number=next(number),
        type="response.output_item.added",
    )
    yield ResponseFunctionCallArgumentsDeltaEvent(
        delta=call.arguments,
        item_id=item_id,
        output_index=0,
        sequence_number=next(number),
        type="response.function_call_arguments.delta",
    )
    yield ResponseFunctionCallArgumentsDoneEvent(
        arguments=call.arguments,
        item_id=item_id,
        name=call.name,
        output_index=0,
        sequence_number=next(number),
        type="response.function_call_arguments.done",
    )


def _message_events(
    message: ResponseOutputMessage, deltas: Sequence[str], number: Iterator[int]
) -> Iterator[ResponseStreamEvent]:
    text = "".join(deltas)
    yield ResponseOutputItemAddedEvent(
        item=message.model_copy(update={"content": [], "status": "in_progress"}),
        output_index=0,
        sequence_number=next(number),
        type="response.output_item.added",
    )
    yield ResponseContentPartAddedEvent(
        content_index=0,
        item_id=message.id,
        output_index=0,
        part=_text_part(""),
        sequence_number=next(number),
        type="response.content_part.added",
    )
    for delta in deltas:
        yield ResponseTextDeltaEvent(
            content_index=0,
            delta=delta,
            item_id=message.id,
            logprobs=[],
            output_index=0,
            sequence_number=next(number),
            type="response.output_text.delta",
        )
    yield ResponseTextDoneEvent(
        content_index=0,
        item_id=message.id,
        logprobs=[],
        output_index=0,
        sequence_number=next(number),
        text=text,
        type="response.output_text.done",
    )
    yield ResponseContentPartDoneEvent(
        content_index=0,
        item_id=message.id,
        output_index=0,
        part=_text_part(text),
        sequence_number=next(number),
        type="response.content_part.done",
    )


def _text_part(text: str) -> ResponseOutputText:
    return ResponseOutputText(annotations=[], text=text, type="output_text", logprobs=[])


def _no_usage() -> ResponseUsage:
    return ResponseUsage(
        input_tokens=0,
        input_tokens_details=InputTokensDetails(cached_tokens=0, cache_write_tokens=0),
        output_tokens=0,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
        total_tokens=0,
    )
