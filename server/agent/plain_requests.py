"""Requests of the Responses API whose parts are sent as they are."""

from functools import cached_property
from typing import Any

from openai import AsyncOpenAI
from openai.resources.responses import AsyncResponses

# Lists of plain JSON, in which the client looks for something to convert: each of their parts is
# compared with each of some thirty types, a quarter of the processor's time of an answer.
_PLAIN = ("input", "tools")


class PlainRequestsClient(AsyncOpenAI):
    """An OpenAI client for callers who hand it nothing that has to be converted."""

    @cached_property
    def responses(self) -> AsyncResponses:
        """Create responses."""
        return _PlainResponses(self)


class _PlainResponses(AsyncResponses):
    async def create(self, **options: Any) -> Any:
        plain = {name: options.pop(name) for name in _PLAIN if isinstance(options.get(name), list)}
        extra = options.pop("extra_body", None) or {}
        return await super().create(**options, extra_body={**plain, **extra})
