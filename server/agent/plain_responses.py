"""The part of the client whose requests are sent as they are."""

from typing import Any

from openai.resources.responses import AsyncResponses

# Lists of plain JSON, in which the client looks for something to convert: each of their parts is
# compared with each of some thirty types.
_PLAIN = ("input", "tools")


class PlainResponses(AsyncResponses):
    """Responses to requests whose input and tools are plain JSON."""

    async def create(self, **options: Any) -> Any:
        """Create a response."""
        plain = {name: options.pop(name) for name in _PLAIN if isinstance(options.get(name), list)}
        extra = options.pop("extra_body", None) or {}
        return await super().create(**options, extra_body={**plain, **extra})
