"""What is evaluated: the server's own retriever, or its whole assistant."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from evals.answer_metrics import without_markers
from evals.judge import Judge, JudgedSystem
from evals.questions import Question
from evals.record import Conditions, make_conditions
from evals.results import Result, cited, ranked
from evals.runner import SystemUnderTest
from server.agent.answers import Answer, Exchange
from server.agent.assistant import Assistant
from server.agent.models import open_model
from server.limits.prices import MICRO, Price, price_of
from server.search.followup import contextual_query
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.errors import SettingsError
from store.records import Page, Scope, ScoredPassage
from store.resources import open_embedder, open_index

# As many as the assistant's own search asks for: how many are asked for changes the ranking.
RETRIEVED_SECTIONS = 20


class Searches(Protocol):
    """The part of `server.search.retrieval.Retriever` that is evaluated."""

    async def search(
        self, query: str, *, limit: int, scope: Scope | None = None
    ) -> list[ScoredPassage]:
        """Return ranked passages, best first."""
        ...


class Asks(Protocol):
    """The part of `server.agent.assistant.Assistant` that is evaluated."""

    async def ask(
        self, question: str, *, history: Sequence[Exchange] = (), scope: Scope | None = None
    ) -> Answer:
        """Answer one question, after what was said before."""
        ...


class RetrievalSystem:
    """Searches with the question's own words; nothing is answered.

    A follow-up takes along the words of its subject, as it does for the offline model: alone, "and
    in Docker?" says nothing about the search.
    """

    def __init__(self, retriever: Searches, *, path_prefix: str = "") -> None:
        self._retriever = retriever
        self._path_prefix = path_prefix

    async def observe(self, question: Question) -> Result:
        """Search for one question."""
        started = time.perf_counter()
        query = contextual_query([*question.earlier_questions, question.question]).text
        found = await self._retriever.search(
            query, limit=RETRIEVED_SECTIONS, scope=scope_of(question)
        )
        seconds = {"search": time.perf_counter() - started}
        return Result(
            id=question.id,
            question=question.question,
            turns=question.earlier_questions,
            version=question.version,
            locale=question.locale,
            retrieved=ranked(found, path_prefix=self._path_prefix),
            seconds=seconds,
        )


class AssistantSystem:
    """Asks the whole assistant.

    `sections` are the (path, anchor) pairs that the index has, `price` is what the model costs.
    """

    def __init__(
        self,
        assistant: Asks,
        sections: frozenset[tuple[str, str]],
        *,
        path_prefix: str = "",
        price: Price | None = None,
    ) -> None:
        self._assistant = assistant
        self._sections = sections
        self._path_prefix = path_prefix
        self._price = price

    async def observe(self, question: Question) -> Result:
        """Answer one question; what is measured is this answer, not those of earlier turns."""
        history: list[Exchange] = []
        ask = partial(self._assistant.ask, history=history, scope=scope_of(question))
        for turn in question.turns:
            said = turn.answer or (await ask(turn.question)).text
            history.append(Exchange(turn.question, without_markers(said)))
        answer = await ask(question.question)
        # A passage that is cited in several places of the answer is listed once.
        passages = {(cite.marker, cite.passage.id): cite.passage for cite in answer.citations}
        citations = tuple(
            cited(
                marker,
                passage,
                resolves=(passage.path, passage.anchor) in self._sections,
                path_prefix=self._path_prefix,
            )
            for (marker, _), passage in passages.items()
        )
        return Result(
            id=question.id,
            question=question.question,
            retrieved=ranked(answer.retrieved, path_prefix=self._path_prefix),
            answer=answer.text,
            citations=citations,
            problems=answer.problems,
            status=answer.status,
            seconds=dict(answer.seconds),
            tokens=dict(answer.tokens),
            cost=self._cost(answer.tokens),
            evidence=answer.score,
            threshold=answer.threshold,
            tools=answer.tools,
            turns=question.earlier_questions,
            version=question.version,
            locale=question.locale,
        )

    def _cost(self, tokens: Mapping[str, int]) -> float | None:
        if self._price is None or not tokens:
            return None
        return self._price.of(read=tokens["input"], written=tokens["output"]) / MICRO


def scope_of(question: Question) -> Scope:
    """Return the part of the docs that the question's reader is on."""
    return Scope(version=question.version, locale=question.locale)


@dataclass(frozen=True)
class OpenedSystem:
    """A system that is ready to be asked, and what it was made with."""

    system: SystemUnderTest
    conditions: Conditions
    pages: Sequence[Page]
    judge: Judge | None = None


@asynccontextmanager
async def open_system(
    settings: ServerSettings,
    *,
    retrieval_only: bool,
    path_prefix: str = "",
    judge_model: str | None = None,
) -> AsyncIterator[OpenedSystem]:
    """Open what the server would open with these settings, but for the readers' threads.

    `judge_model` judges the answers, at the same endpoint. Raises an `OperatorError` when the
    settings can't be used so.
    """
    if judge_model and not model_is_configured(settings):
        raise SettingsError("--judge", "needs OPENAI_API_KEY or OPENAI_BASE_URL")
    if judge_model and retrieval_only:
        raise SettingsError("--judge", "has no answers to judge with --retrieval-only")
    async with AsyncExitStack() as stack:
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        index = await open_index(settings, embedder)
        stack.push_async_callback(index.close)
        manifest, pages = index.manifest, await index.pages()
        retriever = Retriever(embedder, index)
        if retrieval_only:
            conditions = make_conditions(manifest, pages, model="none", scope="retrieval")
            searching = RetrievalSystem(retriever, path_prefix=path_prefix)
            yield OpenedSystem(searching, conditions, pages)
            return
        sections = frozenset((page.path, part.anchor) for page in pages for part in page.sections)
        judge = None
        if judge_model:
            judging = settings.model_copy(update={"openai_model": judge_model})
            judge = Judge(await stack.enter_async_context(open_model(judging)), judge_model)
        conditions = make_conditions(
            manifest,
            pages,
            model=_model_name(settings),
            judge=judge.name if judge else None,
            scope="assistant",
        )
        assistant = Assistant(
            settings, retriever, await stack.enter_async_context(open_model(settings))
        )
        price = price_of(_model_name(settings), settings.model_prices)
        answering = AssistantSystem(assistant, sections, path_prefix=path_prefix, price=price)
        system = JudgedSystem(answering, judge) if judge else answering
        yield OpenedSystem(system, conditions, pages, judge)


def model_is_configured(settings: ServerSettings) -> bool:
    """Tell whether a language model answers, and not the offline model."""
    return settings.openai_api_key is not None or bool(settings.openai_base_url)


def _model_name(settings: ServerSettings) -> str:
    return settings.openai_model if model_is_configured(settings) else "offline"
