"""An OpenAI client for the Responses API that looks for nothing where there is nothing to find.

What the SDK's own does for any request and any event, to be right about types that it can't know,
is most of the processor's time of a short answer.
"""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, get_args

from httpx2 import Response
from openai import AsyncOpenAI
from openai.types.responses import ResponseStreamEvent
from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from openai.resources.responses import AsyncResponses


class ResponsesClient(AsyncOpenAI):
    """For callers who hand it nothing that has to be converted."""

    @cached_property
    def responses(self) -> "AsyncResponses":
        """Create responses."""
        # At the first answer, as by the SDK's own: servers whose answers come from elsewhere save
        # 40 ms and 3.5 MB.
        from server.agent.plain_responses import PlainResponses  # noqa: PLC0415

        return PlainResponses(self)

    def _process_response_data(self, *, data: object, cast_to: Any, response: Response) -> Any:
        # An event names its type, and the client would compare it with each of some fifty.
        match data:
            case {"type": str(name)} if cast_to is ResponseStreamEvent and name in _event_types():
                try:
                    return _event_types()[name].model_validate(data)
                except ValidationError:
                    pass  # The client makes of it what it can.
        return super()._process_response_data(data=data, cast_to=cast_to, response=response)


@cache
def _event_types() -> dict[str, type[BaseModel]]:
    """Return the types of a response's events by the names that events have for them."""
    union, *_ = get_args(ResponseStreamEvent)
    return {
        name: event_type
        for event_type in get_args(union)
        for name in get_args(event_type.model_fields["type"].annotation)
    }
