"""An OpenAI client for the Responses API that looks for nothing where there is nothing to find.

What the SDK's own does for any request and any event, to be right about types that it can't know,
is most of the processor's time of a short answer.
"""

from functools import cache, cached_property
from typing import Any, get_args

from httpx2 import Response
from openai import AsyncOpenAI
from openai.resources.responses import AsyncResponses
from openai.types.responses import ResponseStreamEvent
from pydantic import BaseModel, ValidationError

# Lists of plain JSON, in which the client looks for something to convert: each of their parts is
# compared with each of some thirty types.
_PLAIN = ("input", "tools")


class ResponsesClient(AsyncOpenAI):
    """For callers who hand it nothing that has to be converted."""

    @cached_property
    def responses(self) -> AsyncResponses:
        """Create responses."""
        return _PlainResponses(self)

    def _process_response_data(self, *, data: object, cast_to: Any, response: Response) -> Any:
        # An event names its type, and the client would compare it with each of some fifty.
        match data:
            case {"type": str(name)} if cast_to is ResponseStreamEvent and name in _event_types():
                try:
                    return _event_types()[name].model_validate(data)
                except ValidationError:
                    pass  # The client makes of it what it can.
        return super()._process_response_data(data=data, cast_to=cast_to, response=response)


class _PlainResponses(AsyncResponses):
    async def create(self, **options: Any) -> Any:
        plain = {name: options.pop(name) for name in _PLAIN if isinstance(options.get(name), list)}
        extra = options.pop("extra_body", None) or {}
        return await super().create(**options, extra_body={**plain, **extra})


@cache
def _event_types() -> dict[str, type[BaseModel]]:
    """Return the types of a response's events by the names that events have for them."""
    union, *_ = get_args(ResponseStreamEvent)
    return {
        name: event_type
        for event_type in get_args(union)
        for name in get_args(event_type.model_fields["type"].annotation)
    }
