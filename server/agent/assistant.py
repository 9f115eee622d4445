"""The agent: a model with the docs' search at hand, and the prompt that binds it to them."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from agents import (
    Agent,
    FunctionTool,
    ModelSettings,
    RunConfig,
    Runner,
    RunResultStreaming,
    TResponseInputItem,
    Usage,
)
from agents.items import ToolCallItem
from agents.models.interface import Model

from server.agent.answers import Answer, Exchange, answer_status
from server.agent.client_tools import open_page_tool, stop_for_client
from server.agent.extra_tools import load_extra_tools
from server.agent.models import open_models
from server.agent.tools import read_page_tool, search_docs_tool
from server.agent.turn import Turn
from server.answer.answer_text import AnswerText, TextRules
from server.answer.citations import marked_text
from server.answer.prompt_guard import Secret
from server.answer.site_links import SiteLinks
from server.prompts import load_prompt
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from server.streaming.pacing import PacedModel
from store.records import Scope
from store.resources import Resources

OWN_TOOLS = ("search_docs", "read_page", "open_page")


class Assistant:
    """Answers questions from the index, with the model that it is given."""

    def __init__(
        self,
        settings: ServerSettings,
        retriever: Retriever,
        model: Model,
        *,
        other_models: Mapping[str, Model] | None = None,
        client_tools: Sequence[FunctionTool] = (),
    ) -> None:
        """Answer with `model`, or with the one of `other_models` that a turn chooses by name."""
        self._max_turns = settings.max_turns
        self._other_models = {
            name: PacedModel(other) for name, other in (other_models or {}).items()
        }
        instructions = load_prompt("answer", docs_name=settings.docs_name).text
        self._secret = Secret(instructions)
        self._site_links = SiteLinks(retriever, settings.allowed_link_hosts)
        self._support_url = settings.support_url
        self._drops_unsupported = settings.unsupported_citations == "drop"
        self._agent = Agent[Turn](
            name="docs-assistant",
            instructions=instructions,
            model=PacedModel(model),
            # Chat Completions endpoints count the tokens of a stream only when they are asked to.
            model_settings=ModelSettings(include_usage=True),
            tools=[
                search_docs_tool(retriever, self._site_links, settings),
                read_page_tool(retriever, settings),
                *client_tools,
            ],
            tool_use_behavior=stop_for_client,
        )

    def start(self, conversation: list[TResponseInputItem], turn: Turn) -> RunResultStreaming:
        """Start answering the last message of `conversation`; `turn` fills up on the way."""
        turn.support_url = self._support_url
        turn.rules = TextRules(
            secret=self._secret,
            links=self._site_links.known(turn.scope),
            drop_unsupported=self._drops_unsupported,
        )
        return Runner.run_streamed(
            self._agent,
            conversation,
            context=turn,
            max_turns=self._max_turns,
            run_config=RunConfig(
                # Traces would send questions and answers to a third party.
                tracing_disabled=True,
                model=self._other_models.get(turn.choice.model),
                model_settings=ModelSettings(tool_choice=turn.choice.tool or None),
                tool_not_found_behavior="return_error_to_model",
            ),
        )

    async def ask(
        self, question: str, *, history: Sequence[Exchange] = (), scope: Scope | None = None
    ) -> Answer:
        """Answer one question outside any thread, after what was said in `history`.

        Raises `RetrievalUnavailable` when the docs can't be searched, `openai.APIError` or
        `agents.exceptions.AgentsException` when the model fails.
        """
        turn = Turn(scope=scope or Scope())
        started = time.perf_counter()
        first_token = None
        result = self.start(_conversation(question, history), turn)
        async for event in result.stream_events():
            if (
                first_token is None
                and event.type == "raw_response_event"
                and event.data.type == "response.output_text.delta"
            ):
                first_token = time.perf_counter() - started
        turn.check_evidence()
        answer = AnswerText(turn.evidence, turn.rules)
        pieces = [*answer.feed(str(result.final_output or "")), *answer.finish()]
        total = time.perf_counter() - started
        return Answer(
            text=marked_text(pieces),
            citations=tuple(checked.citation for checked in answer.checked),
            status=answer_status(turn, [answer]),
            retrieved=turn.retrieved,
            score=turn.score,
            threshold=turn.threshold,
            seconds={
                "search": turn.search_seconds,
                "first_token": total if first_token is None else first_token,
                "total": total,
            },
            tools=tuple(
                item.tool_name or "" for item in result.new_items if isinstance(item, ToolCallItem)
            ),
            tokens=_tokens(result.context_wrapper.usage),
        )


def _conversation(question: str, history: Sequence[Exchange]) -> list[TResponseInputItem]:
    conversation: list[TResponseInputItem] = []
    for exchange in history:
        conversation.append({"role": "user", "content": exchange.question})
        conversation.append({"role": "assistant", "content": exchange.answer})
    return [*conversation, {"role": "user", "content": question}]


def _tokens(usage: Usage) -> dict[str, int]:
    if not usage.total_tokens:
        return {}
    return {
        "input": usage.input_tokens,
        "cached": usage.input_tokens_details.cached_tokens,
        "output": usage.output_tokens,
    }


@asynccontextmanager
async def open_assistant(
    settings: ServerSettings, resources: Resources
) -> AsyncIterator[Assistant]:
    """Open the model that the settings choose, and the assistant that answers with it.

    Raises `SettingsError` when the owner's own tools can't be loaded.
    """
    extra = load_extra_tools(settings.extra_tools, taken=OWN_TOOLS)
    async with open_models(settings) as models:
        default = models.pop(settings.openai_model)
        yield Assistant(
            settings,
            Retriever(resources.embedder, resources.index),
            default,
            other_models=models,
            client_tools=[open_page_tool(resources.index), *extra],
        )
