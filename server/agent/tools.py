"""The tools that the agent is given."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from agents import FunctionTool, RunContextWrapper, function_tool
from chatkit.types import ProgressUpdateEvent
from pydantic import Field

from server.agent.turn import Turn
from server.answer.answer_text import readable_text
from server.answer.evidence import (
    render_evidence,
    render_no_such_page,
    render_nothing_found,
    render_search_failed,
)
from server.answer.site_links import SiteLinks
from server.errors import RetrievalUnavailable
from server.search.abstention import DEFAULT_THRESHOLD, evidence_score
from server.search.page_reading import find_page, find_section
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.records import Passage

logger = logging.getLogger(__name__)

_ASKING = "The reader is being asked which version of the docs is meant."

# Evaluations look at 20 results, of which the model is handed the first few only.
_RETRIEVED = 20
_SHOWN_QUERY_CHARACTERS = 80
# Of which more is read than shown: what is taken out of it takes room.
_READ_QUERY_CHARACTERS = 400


def search_docs_tool(
    retriever: Retriever, links: SiteLinks, settings: ServerSettings
) -> FunctionTool:
    """Make `search_docs`, which hands the model numbered passages."""
    handed = settings.passages_per_search

    @function_tool
    async def search_docs(
        run: RunContextWrapper[Turn],
        query: Annotated[str, Field(description="The whole question, in the reader's words.")],
        version: Annotated[
            str, Field(description="A version of the docs that the reader named, or an empty text.")
        ] = "",
    ) -> str:
        """Search the documentation. Returns numbered passages, the best first."""
        turn = run.context
        readable = retriever.visible_to(turn.scope)
        # The query is the model's text too, and as long as it likes.
        shown = _shorten(readable_text(query[:_READ_QUERY_CHARACTERS], turn.rules))
        await turn.report(
            ProgressUpdateEvent(icon="search", text=f"Searching the docs for “{shown}”")
        )
        started = time.perf_counter()
        try:
            found = await readable.search(
                query,
                limit=max(_RETRIEVED, handed),
                scope=replace(turn.scope, version=version or turn.scope.version),
            )
            best = [scored.passage for scored in found[:handed]]
            read = await readable.read(best, budget_tokens=settings.evidence_tokens)
        except RetrievalUnavailable as failure:
            return _failed(turn, failure)
        finally:
            turn.search_seconds += time.perf_counter() - started
        turn.search_failure = None
        turn.queries.append(query)
        turn.remember(found)
        turn.rules = replace(turn.rules, links=await links.current(turn.scope))
        calibrated = retriever.manifest.answer_threshold
        threshold = DEFAULT_THRESHOLD if calibrated is None else calibrated
        good = turn.rate(evidence_score(query, found), threshold=threshold)
        if not found:
            return render_nothing_found(query)
        if good and not version and turn.must_ask_version(found):
            return _ASKING
        await _report_reading(turn, read)
        return render_evidence(turn.evidence.add(read), weak=not good)

    return search_docs


def read_page_tool(retriever: Retriever, settings: ServerSettings) -> FunctionTool:
    """Make `read_page`, which hands the model a page, or a section of it, in its order."""

    @function_tool
    async def read_page(
        run: RunContextWrapper[Turn],
        page: Annotated[str, Field(description="The page's path or address, or its title.")],
        heading: Annotated[
            str, Field(description="A heading of the page to read alone, or an empty text.")
        ] = "",
    ) -> str:
        """Read a page of the docs. Returns its numbered passages in order."""
        turn = run.context
        readable = retriever.visible_to(turn.scope)
        try:
            known = find_page(await readable.pages(), page)
            if known is None:
                return render_no_such_page(page)
            section = find_section(known, heading)
            if heading and section is None:
                return render_no_such_page(heading, [part.heading for part in known.sections])
            passages = await readable.passages(known.path, section.anchor if section else None)
        except RetrievalUnavailable as failure:
            return _failed(turn, failure)
        turn.search_failure = None
        read = _within(passages, settings.evidence_tokens)
        await _report_reading(turn, read)
        return render_evidence(turn.evidence.add(read))

    return read_page


def _failed(turn: Turn, failure: RetrievalUnavailable) -> str:
    logger.warning("A search failed: %s", failure.cause)
    turn.search_failure = failure
    return render_search_failed()


async def _report_reading(turn: Turn, passages: Sequence[Passage]) -> None:
    pages = len({passage.path for passage in passages})
    text = f"Reading {pages} page{'' if pages == 1 else 's'}"
    await turn.report(ProgressUpdateEvent(icon="document", text=text))


def _within(passages: Sequence[Passage], budget_tokens: int) -> list[Passage]:
    """Return the first passages that fit into the budget, one at least."""
    kept: list[Passage] = []
    for passage in passages:
        budget_tokens -= passage.tokens
        if kept and budget_tokens < 0:
            break
        kept.append(passage)
    return kept


def _shorten(query: str) -> str:
    query = " ".join(query.split())
    if len(query) <= _SHOWN_QUERY_CHARACTERS:
        return query
    return query[: _SHOWN_QUERY_CHARACTERS - 1].rstrip() + "…"
