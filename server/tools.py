"""The tools that the agent is given."""

import logging
import time
from dataclasses import replace
from typing import Annotated

from agents import FunctionTool, RunContextWrapper, function_tool
from chatkit.types import ProgressUpdateEvent
from pydantic import Field

from server.abstention import DEFAULT_THRESHOLD, evidence_score
from server.errors import RetrievalUnavailable
from server.evidence import render_evidence, render_nothing_found, render_search_failed
from server.links import SiteLinks
from server.retrieval import Retriever
from server.turn import Turn

logger = logging.getLogger(__name__)

# Evaluations look at 20 results, of which the model is handed the first few only.
_RETRIEVED = 20
_SHOWN_QUERY_CHARACTERS = 80


def search_docs_tool(retriever: Retriever, links: SiteLinks, *, handed: int) -> FunctionTool:
    """Make `search_docs`, which hands the model `handed` numbered passages a search."""

    @function_tool
    async def search_docs(
        run: RunContextWrapper[Turn],
        query: Annotated[str, Field(description="The whole question, in the reader's words.")],
    ) -> str:
        """Search the documentation. Returns numbered passages, the best first."""
        turn = run.context
        await turn.report(
            ProgressUpdateEvent(icon="search", text=f"Searching the docs for “{_shorten(query)}”")
        )
        started = time.perf_counter()
        try:
            found = await retriever.search(query, limit=max(_RETRIEVED, handed))
        except RetrievalUnavailable as failure:
            logger.warning("A search failed: %s", failure.cause)
            turn.search_failure = failure
            return render_search_failed()
        finally:
            turn.search_seconds += time.perf_counter() - started
        turn.search_failure = None
        turn.remember(found)
        turn.rules = replace(turn.rules, links=await links.current())
        calibrated = retriever.manifest.answer_threshold
        threshold = DEFAULT_THRESHOLD if calibrated is None else calibrated
        good = turn.rate(evidence_score(query, found), threshold=threshold)
        if not found:
            return render_nothing_found(query)
        numbered = turn.evidence.add([scored.passage for scored in found[:handed]])
        pages = len({scored.passage.path for scored in found[:handed]})
        await turn.report(
            ProgressUpdateEvent(
                icon="document", text=f"Reading {pages} page{'' if pages == 1 else 's'}"
            )
        )
        return render_evidence(numbered, weak=not good)

    return search_docs


def _shorten(query: str) -> str:
    query = " ".join(query.split())
    if len(query) <= _SHOWN_QUERY_CHARACTERS:
        return query
    return query[: _SHOWN_QUERY_CHARACTERS - 1].rstrip() + "…"
