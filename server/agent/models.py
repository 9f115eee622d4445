"""The language models that the settings choose."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, assert_never, cast

from agents import ModelResponse, OpenAIChatCompletionsModel, OpenAIResponsesModel
from agents.items import TResponseStreamEvent
from agents.models.fake_id import FAKE_RESPONSES_ID
from agents.models.interface import Model
from anyio import to_thread
from openai import AsyncOpenAI, Timeout
from openai.types.responses import (
    ResponseCompletedEvent,
    ResponseCreatedEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseReasoningSummaryPartDoneEvent,
    ResponseReasoningSummaryTextDoneEvent,
)

from server.agent.model_events import unique_id
from server.agent.model_transport import model_http_client
from server.agent.offline import OfflineModel
from server.agent.responses_client import ResponsesClient
from server.agent.retrying import RetryingModel, RetryRules
from server.lexical.rarity import rarity
from server.settings import ServerSettings

_OPENAI = "https://api.openai.com/v1"
# The client insists on a key; endpoints of one's own mostly want none.
_NO_KEY = "no-key"


class ChatCompletionsModel(OpenAIChatCompletionsModel):
    """A Chat Completions endpoint whose items have ids of their own.

    That API gives no ids to messages, and the SDK calls them all `__fake_id__`, which a thread
    store would take for one and the same item.
    """

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Answer at once, every item with an id of its own."""
        response = await super().get_response(*args, **kwargs)
        ids = _ItemIds()
        for index, item in enumerate(response.output):
            ids.name(item, index)
        return response

    async def stream_response(
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Stream an answer; an item has one id in all of its events."""
        ids = _ItemIds()
        async with aclosing(cast("Any", super().stream_response(*args, **kwargs))) as events:
            async for event in events:
                ids.name_event(event)
                if isinstance(event, ResponseReasoningSummaryPartDoneEvent):
                    yield _summary_done(event)
                yield event


def _summary_done(part: ResponseReasoningSummaryPartDoneEvent) -> TResponseStreamEvent:
    """Make the event that the SDK leaves out, by which a thought is known whole."""
    return ResponseReasoningSummaryTextDoneEvent(
        item_id=part.item_id,
        output_index=part.output_index,
        sequence_number=part.sequence_number,
        summary_index=part.summary_index,
        text=part.part.text,
        type="response.reasoning_summary_text.done",
    )


class _ItemIds:
    """Gives each output item of one response an id, by its place in the output."""

    def __init__(self) -> None:
        self._response = unique_id("resp")
        self._items: dict[int, str] = {}

    def name(self, item: Any, index: int) -> None:
        if getattr(item, "id", None) == FAKE_RESPONSES_ID:
            item.id = self._item(index)

    def name_event(self, event: Any) -> None:
        match event:
            case ResponseCreatedEvent():
                event.response.id = self._response
            case ResponseCompletedEvent():
                event.response.id = self._response
                for index, item in enumerate(event.response.output):
                    self.name(item, index)
            case ResponseOutputItemAddedEvent() | ResponseOutputItemDoneEvent():
                self.name(event.item, event.output_index)
            case _ if getattr(event, "item_id", None) == FAKE_RESPONSES_ID:
                event.item_id = self._item(event.output_index)

    def _item(self, index: int) -> str:
        return self._items.setdefault(index, unique_id("msg"))


@asynccontextmanager
async def open_models(settings: ServerSettings) -> AsyncIterator[dict[str, Model]]:
    """Open the models that may answer, by name, and close their connections at the end.

    Without a key and an endpoint each is the offline model, which quotes the docs. What fails in
    spite of `RetryingModel` is an `openai.APIError` or `agents.exceptions.ModelBehaviorError`.
    """
    if settings.openai_api_key is None and not settings.openai_base_url:
        # Its word list takes half a second to load: not while the first reader waits.
        await to_thread.run_sync(rarity, "")
        yield dict.fromkeys(settings.offered_models, OfflineModel())
        return
    key = settings.openai_api_key
    rules = RetryRules(settings.model_retries, settings.model_retry_seconds)
    async with ResponsesClient(
        api_key=_NO_KEY if key is None else key.get_secret_value(),
        base_url=settings.openai_base_url or _OPENAI,
        timeout=Timeout(settings.model_timeout_seconds, connect=settings.model_connect_seconds),
        max_retries=0,
        http_client=model_http_client(),
    ) as client:
        make = _maker(settings)
        yield {name: RetryingModel(make(name, client), rules) for name in settings.offered_models}


@asynccontextmanager
async def open_model(settings: ServerSettings) -> AsyncIterator[Model]:
    """Open the model that answers unless a reader chooses another."""
    async with open_models(settings) as models:
        yield models[settings.openai_model]


def _maker(settings: ServerSettings) -> Callable[[str, AsyncOpenAI], Model]:
    match settings.openai_api:
        case "responses":
            return OpenAIResponsesModel
        case "chat":
            return ChatCompletionsModel
        case unknown:
            assert_never(unknown)
