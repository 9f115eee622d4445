"""A model without a language model: it searches the docs and quotes them.

It takes the same part in the agent's loop as any other model: it calls `search_docs`, reads the
passages and answers with `[n]` markers, so everything behind it works and is tested without a key.
"""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from agents import ModelResponse, TResponseInputItem, Usage
from agents.items import TResponseStreamEvent
from agents.models.interface import Model
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage

from server.agent.conversation import Conversation, read_conversation
from server.agent.model_events import assistant_message, function_call, response_events, unique_id
from server.agent.quoting import Quotation, choose_quotations
from server.answer.evidence import QuotedPassage, is_search_failed, is_weak, parse_evidence
from server.search.followup import ContextualQuery, contextual_query

SEARCH_TOOL = "search_docs"
MODEL_NAME = "offline"
QUOTING = "footnote-quotations"
"""Name by which a turn chooses this model where another one answers."""

INTRODUCTION = "No language model is configured, so here is what the docs say, word for word:"
QUOTING_ONLY = "Here is what the docs say, word for word:"
NOT_FOUND = "The docs don't seem to say anything about this."
SEARCH_FAILED = "Searching the docs failed just now. Please try again in a moment."

_NEAREST_PAGES = 3


class OfflineModel(Model):
    """Answers with quotations from the docs, and says that it quotes: `introduction` tells why."""

    def __init__(self, introduction: str = INTRODUCTION) -> None:
        self._introduction = introduction

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],  # noqa: A002
        *args: Any,
        **kwargs: Any,
    ) -> ModelResponse:
        """Search, or answer from what was found; only `input` counts."""
        item, _ = _next_item(input, self._introduction)
        return ModelResponse(output=[item], usage=Usage(), response_id=unique_id("resp"))

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],  # noqa: A002
        *args: Any,
        **kwargs: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Stream the same as `get_response`, an answer in one delta a quotation."""
        item, deltas = _next_item(input, self._introduction)
        for event in response_events(item, model=MODEL_NAME, deltas=deltas):
            yield event


def _next_item(
    model_input: str | list[TResponseInputItem], introduction: str
) -> tuple[ResponseFunctionToolCall | ResponseOutputMessage, list[str]]:
    conversation = read_conversation(model_input)
    query = contextual_query(conversation.questions, quoted=conversation.quoted)
    if not conversation.search_outputs:
        return function_call(SEARCH_TOOL, json.dumps({"query": query.text}, ensure_ascii=False)), []
    deltas = list(_answer(query, conversation, introduction))
    return assistant_message("".join(deltas)), deltas


def _answer(query: ContextualQuery, conversation: Conversation, introduction: str) -> Iterator[str]:
    outputs = conversation.search_outputs
    read = (conversation.mentioned, *outputs)
    passages = [passage for output in read for passage in parse_evidence(output)]
    if not passages and any(is_search_failed(output) for output in outputs):
        yield SEARCH_FAILED
        return
    good = [output for output in read if not is_weak(output)]
    quotations = choose_quotations(
        query, [passage for output in good for passage in parse_evidence(output)]
    )
    if not quotations:
        yield _not_found(passages)
        return
    yield introduction
    for quotation in quotations:
        yield f"\n\n{_quote(quotation)}"


def _quote(quotation: Quotation) -> str:
    """Write a quotation out: sentences as a block quote, code and tables as they are."""
    marker = f"[{quotation.passage.number}]"
    blocks: list[str] = []
    paragraph: list[str] = []
    previous = -1
    for unit in quotation.units:
        if paragraph and (unit.kind != "sentence" or unit.block != previous):
            blocks.append(f"> {' '.join(paragraph)} {marker}")
            paragraph = []
        if unit.kind == "sentence":
            paragraph.append(unit.text)
        else:
            if not blocks:
                blocks.append(f"From “{quotation.passage.heading}” {marker}:")
            blocks.append(unit.text)
        previous = unit.block
    if paragraph:
        blocks.append(f"> {' '.join(paragraph)} {marker}")
    return "\n\n".join(blocks)


def _not_found(passages: Sequence[QuotedPassage]) -> str:
    pages = list(dict.fromkeys(passage.page for passage in passages))[:_NEAREST_PAGES]
    if not pages:
        return f"{NOT_FOUND} [0]"
    named = ", ".join(f"“{page}”" for page in pages)
    return f"{NOT_FOUND} [0] The nearest pages are {named}."
