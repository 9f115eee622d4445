"""A model that is asked again when a call of it fails before it has said anything.

The client of the API could send a request again by itself, but knows nothing of a stream that ends
before its first token, and no limit to the whole wait. So here is the only place that retries.
"""

import logging
import random
from asyncio import get_running_loop, sleep
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

import openai
from agents import ModelResponse
from agents.exceptions import ModelBehaviorError
from agents.items import TResponseStreamEvent
from agents.models.interface import Model
from agents.retry import ModelRetryAdviceRequest
from openai.types.responses import ResponseErrorEvent, ResponseFailedEvent

logger = logging.getLogger(__name__)

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 8.0
_JITTER = 0.25
# What a stream says before its first token; it can be said again by another.
_PRELUDE = frozenset(
    {
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.reasoning_summary_part.added",
        "response.failed",
        "error",
    }
)
_TRANSIENT = frozenset({"server_error", "rate_limit_exceeded", "overloaded_error"})
# The money is spent: no wait of a reader's brings it back.
OUT_OF_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
# What the SDKs raise when a chunk is no JSON, or has not the shape that they read.
_MALFORMED = (ValueError, TypeError, AttributeError, LookupError)


@dataclass(frozen=True, slots=True)
class RetryRules:
    """How often a call is repeated, and for how many seconds after its beginning."""

    retries: int = 2
    seconds: float = 90.0


class RetryingModel(Model):
    """Repeats calls that fail by a busy, failing or unreachable endpoint.

    Waits grow, with jitter; `Retry-After` is kept to, in seconds or as a date. A call whose next
    wait would outlast the rules fails at once. Nothing is repeated once a token has come. What
    fails in the end is the last `openai.APIError`, or `ModelBehaviorError` for a broken stream.
    """

    def __init__(self, model: Model, rules: RetryRules) -> None:
        self._model = model
        self._rules = rules

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Answer in one piece."""
        attempts = _Attempts(self._model, self._rules, stream=False)
        while True:
            try:
                return await self._model.get_response(*args, **kwargs)
            except (openai.APIError, ModelBehaviorError) as error:
                await attempts.wait_or_raise(error)
            except _MALFORMED as error:
                await attempts.wait_or_raise(_malformed(error))

    async def stream_response(
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Stream an answer; its first events wait for the first token."""
        attempts = _Attempts(self._model, self._rules, stream=True)
        while True:
            held: list[TResponseStreamEvent] = []
            begun = False
            # It is a generator, of which the interface only says that it can be iterated.
            stream = cast("Any", self._model.stream_response(*args, **kwargs))
            try:
                async with aclosing(stream):
                    async for event in stream:
                        if not begun and _is_prelude(event):
                            held.append(event)
                            continue
                        if not begun:
                            begun = True
                            for earlier in held:
                                yield earlier
                        yield event
            except (openai.APIError, ModelBehaviorError) as error:
                failure: Exception = error
            except _MALFORMED as error:
                failure = _malformed(error)
            else:
                if begun:
                    return
                failure = ModelBehaviorError("The model's stream ended before it began.")
            if begun:
                raise failure
            await attempts.wait_or_raise(failure, held)

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()


class _Attempts:
    """Counts the attempts of one call."""

    def __init__(self, model: Model, rules: RetryRules, *, stream: bool) -> None:
        self._model = model
        self._rules = rules
        self._stream = stream
        self._failed = count(1)
        self._began = get_running_loop().time()

    async def wait_or_raise(
        self, error: Exception, said: list[TResponseStreamEvent] | None = None
    ) -> None:
        """Wait until the call may be repeated; raise what failed if it may not."""
        attempt = next(self._failed)
        delay = self._delay(error, attempt, said or [])
        spent = get_running_loop().time() - self._began
        if delay is None or attempt > self._rules.retries or spent + delay > self._rules.seconds:
            raise error
        logger.warning(
            "A call of the model failed (%s); it is sent again in %.1f s.",
            getattr(error, "code", None) or type(error).__name__,
            delay,
        )
        await sleep(delay)

    def _delay(
        self, error: Exception, attempt: int, said: list[TResponseStreamEvent]
    ) -> float | None:
        """Return the seconds to wait, or None when another attempt would be no better."""
        code = getattr(error, "code", None)
        if code in OUT_OF_CREDIT:
            return None
        advice = self._model.get_retry_advice(
            ModelRetryAdviceRequest(error=error, attempt=attempt, stream=self._stream)
        )
        if not (advice.suggested if advice else _is_broken_stream(error, said)):
            return None
        if advice and advice.retry_after is not None:
            return max(advice.retry_after, 0.0)
        wait = min(_FIRST_WAIT * 2.0 ** (attempt - 1), _LONGEST_WAIT)
        # Not a secret: it keeps those who failed together from coming back together.
        return wait * (1 - _JITTER * random.random())  # noqa: S311


def _is_prelude(event: TResponseStreamEvent) -> bool:
    # Chat Completions endpoints begin with an empty delta.
    return event.type in _PRELUDE or getattr(event, "delta", None) == ""


def _is_broken_stream(error: Exception, said: list[TResponseStreamEvent]) -> bool:
    """Tell whether a stream failed in a way that another may not, by what it said of itself."""
    match said[-1] if said else None:
        case ResponseFailedEvent(response=response):
            return response.error is not None and response.error.code in _TRANSIENT
        case ResponseErrorEvent(code=code):
            return code in _TRANSIENT
        case _ if isinstance(error, openai.APIStatusError):
            return False
        case _ if isinstance(error, openai.APIError):
            return not {error.code, error.type}.isdisjoint(_TRANSIENT)
        case _:
            return isinstance(error, ModelBehaviorError)


def _malformed(error: Exception) -> ModelBehaviorError:
    broken = ModelBehaviorError("What the model's endpoint sent can't be read.")
    broken.__cause__ = error
    return broken
