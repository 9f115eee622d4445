"""Events of the Responses API are what the SDK's own client makes of them, at less expense."""

from typing import Any, cast

import pytest
from httpx2 import Response
from openai import AsyncOpenAI
from openai.types.responses import ResponseStreamEvent, ResponseTextDeltaEvent

from server.agent.responses_client import ResponsesClient

DELTA: dict[str, Any] = {
    "type": "response.output_text.delta",
    "sequence_number": 4,
    "item_id": "msg_1",
    "output_index": 0,
    "content_index": 0,
    "delta": "words",
    "logprobs": [],
}


def read(client: AsyncOpenAI, event: object) -> Any:
    return client._process_response_data(
        data=event, cast_to=cast("Any", ResponseStreamEvent), response=Response(200)
    )


@pytest.mark.parametrize(
    "event",
    [
        DELTA,
        DELTA | {"novel": {"a": 1}},
        DELTA | {"sequence_number": None},
        {"type": "response.output_text.delta"},
        {"type": "response.novel", "delta": "words"},
        {"type": ["response.output_text.delta"]},
        {"delta": "words"},
    ],
)
def test_an_event_is_what_the_clients_own_makes_of_it(event: dict[str, Any]) -> None:
    ours, its_own = (kind(api_key="none") for kind in (ResponsesClient, AsyncOpenAI))
    made, expected = read(ours, event), read(its_own, event)
    assert (type(made), made) == (type(expected), expected)


def test_what_an_event_is_called_tells_its_type() -> None:
    assert isinstance(read(ResponsesClient(api_key="none"), DELTA), ResponseTextDeltaEvent)
