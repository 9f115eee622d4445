"""A conversation's title, written by the model from the first question."""

import asyncio
import logging

import openai
from agents import ModelSettings, ModelTracing, Usage
from agents.exceptions import AgentsException
from agents.models.default_models import get_default_model_settings
from agents.models.interface import Model
from openai.types.responses import ResponseOutputMessage, ResponseOutputText

from server.answer.hidden_text import without_invisible_characters
from server.prompts import load_prompt
from server.settings import ServerSettings

logger = logging.getLogger(__name__)

TITLE_CHARACTERS = 60
_QUESTION_CHARACTERS = 1_000
# The thoughts of a reasoning model count too.
_MOST_TOKENS = 1_000
_SECONDS = 8.0
_WRAPPING = " \t\"'`*_#“”„‘’«»."


class TitleWriter:
    """Names conversations by one bounded call of the model each."""

    def __init__(self, model: Model, *, model_name: str, docs_name: str) -> None:
        self._model = model
        self._instructions = load_prompt("title", docs_name=docs_name).text
        # Models that can think less for so little are told to.
        self._settings = get_default_model_settings(model_name).resolve(
            ModelSettings(max_tokens=_MOST_TOKENS)
        )

    async def write(self, question: str) -> tuple[str | None, Usage]:
        """Return a title, or None when the model fails or takes too long, and what it used."""
        try:
            async with asyncio.timeout(_SECONDS):
                response = await self._model.get_response(
                    self._instructions,
                    question[:_QUESTION_CHARACTERS],
                    self._settings,
                    tools=[],
                    output_schema=None,
                    handoffs=[],
                    tracing=ModelTracing.DISABLED,
                    previous_response_id=None,
                    conversation_id=None,
                    prompt=None,
                )
        except (openai.OpenAIError, AgentsException, TimeoutError) as error:
            logger.warning("A conversation got no title of the model's: %s", type(error).__name__)
            return None, Usage()
        written = "".join(
            part.text
            for item in response.output
            if isinstance(item, ResponseOutputMessage)
            for part in item.content
            if isinstance(part, ResponseOutputText)
        )
        return _cleaned(written), response.usage


def open_titles(model: Model, settings: ServerSettings) -> TitleWriter | None:
    """Return what names conversations, or None when no language model is to do it."""
    if settings.paid_model is None or settings.titles == "question":
        return None
    return TitleWriter(model, model_name=settings.paid_model, docs_name=settings.docs_name)


def shortened(text: str) -> str | None:
    """Cut a text to the length of a title, at a word; None when there is none."""
    text = " ".join(text.split())
    if len(text) > TITLE_CHARACTERS:
        text = text[:TITLE_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
    return text or None


def _cleaned(written: str) -> str | None:
    lines = without_invisible_characters(written).strip().splitlines()
    return shortened(lines[0].strip(_WRAPPING)) if lines else None
