"""The agent: a model with the docs' search at hand, and the prompt that binds it to them."""

import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import openai
from agents import (
    Agent,
    FunctionTool,
    ModelSettings,
    RunConfig,
    Runner,
    RunResultStreaming,
    TResponseInputItem,
)
from agents.exceptions import AgentsException
from agents.items import ToolCallItem
from agents.models.interface import Model
from openai.types import Reasoning

from server.agent.answers import Answer, Exchange, answer_status, token_counts
from server.agent.client_tools import open_page_tool, stop_for_client
from server.agent.extra_tools import load_extra_tools
from server.agent.models import open_models
from server.agent.offline import QUOTING, QUOTING_ONLY, OfflineModel
from server.agent.titles import open_titles
from server.agent.tools import read_page_tool, search_docs_tool
from server.agent.turn import Turn
from server.answer.answer_text import AnswerText, TextRules, is_improved
from server.answer.citations import marked_text
from server.answer.prompt_guard import Secret
from server.answer.site_links import SiteLinks
from server.prompts import load_prompt
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from server.streaming.pacing import PacedModel
from store.records import Scope
from store.resources import Resources

logger = logging.getLogger(__name__)

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
        self._unsupported = settings.unsupported_citations
        self.titles = open_titles(model, settings)
        self._agent = Agent[Turn](
            name="docs-assistant",
            instructions=instructions,
            model=PacedModel(model),
            # Chat Completions endpoints count the tokens of a stream only when they are asked to.
            model_settings=ModelSettings(
                include_usage=True, reasoning=_reasoning(settings.openai_reasoning_summary)
            ),
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
            drop_unsupported=self._unsupported == "drop",
        )
        return self._run(
            conversation, turn, tool_choice=turn.choice.tool or None, calls=self._max_turns
        )

    @property
    def revises(self) -> bool:
        """Whether an answer is written again when its passages don't say what it says."""
        return self._unsupported == "regenerate"

    async def revise(self, run: RunResultStreaming, turn: Turn, unsupported: Sequence[str]) -> str:
        """Have a run's answer written again, once, without what its passages don't say.

        Returns the model's text; "" when the model fails, so that the first answer stays.
        """
        claims = "\n".join(f"- {claim}" for claim in unsupported)
        feedback = load_prompt("revise", claims=claims).text
        turn.rules = replace(turn.rules, drop_unsupported=True)
        again = self._run(
            [*run.to_input_list(), {"role": "user", "content": feedback}],
            turn,
            tool_choice="none",
            calls=1,
        )
        try:
            async for _ in again.stream_events():
                pass
        except (openai.OpenAIError, AgentsException) as error:
            logger.warning("An answer was not written again: %s", type(error).__name__)
            return ""
        finally:
            if not again.is_complete:
                again.cancel()
        return str(again.final_output or "")

    def _run(
        self,
        conversation: list[TResponseInputItem],
        turn: Turn,
        *,
        tool_choice: str | None,
        calls: int,
    ) -> RunResultStreaming:
        run = Runner.run_streamed(
            self._agent,
            conversation,
            context=turn,
            max_turns=calls,
            run_config=RunConfig(
                # Traces would send questions and answers to a third party.
                tracing_disabled=True,
                model=self._other_models.get(turn.choice.model),
                # Those of the agent hold; more of them cost the SDK a look at its own types.
                model_settings=ModelSettings(tool_choice=tool_choice) if tool_choice else None,
                tool_not_found_behavior="return_error_to_model",
            ),
        )
        turn.usages.append(run.context_wrapper.usage)
        return run

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
        answer, text = _read(str(result.final_output or ""), turn)
        if self.revises and answer.unsupported:
            written = await self.revise(result, turn, answer.unsupported)
            revised, revised_text = _read(written, turn)
            turn.revision = "replaced" if is_improved([revised], [answer]) else "kept"
            if turn.revision == "replaced":
                answer, text = revised, revised_text
        total = time.perf_counter() - started
        return Answer(
            text=text,
            citations=tuple(checked.citation for checked in answer.checked),
            problems=tuple(checked.problem for checked in answer.checked),
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
            tokens=token_counts(turn.usage),
        )


def _conversation(question: str, history: Sequence[Exchange]) -> list[TResponseInputItem]:
    conversation: list[TResponseInputItem] = []
    for exchange in history:
        conversation.append({"role": "user", "content": exchange.question})
        conversation.append({"role": "assistant", "content": exchange.answer})
    return [*conversation, {"role": "user", "content": question}]


def _reasoning(summary: str) -> Reasoning | None:
    # Models that don't reason refuse to be asked for a summary.
    match summary:
        case "auto" | "concise" | "detailed":
            return Reasoning(summary=summary)
        case _:
            return None


def _read(written: str, turn: Turn) -> tuple[AnswerText, str]:
    """Check a whole text of the model's; return it also with its markers."""
    answer = AnswerText(turn.evidence, turn.rules)
    return answer, marked_text([*answer.feed(written), *answer.finish()])


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
            other_models={**models, QUOTING: OfflineModel(QUOTING_ONLY)},
            client_tools=[open_page_tool(resources.index), *extra],
        )
