"""Tools that the reader's client carries out: the model asks, the turn ends, the client reports.

A client says in its request's metadata which of them it has.
"""

from typing import Annotated, Any

from agents import (
    AgentBase,
    FunctionTool,
    FunctionToolResult,
    RunContextWrapper,
    ToolsToFinalOutputResult,
    function_tool,
)
from agents.tool_context import ToolContext
from pydantic import Field

from server.agent.turn import ClientCall, Turn
from server.search.visible_index import VisibleIndex
from store.errors import IndexUnavailableError
from store.ports import PassageIndex

OPEN_PAGE = "open_page"
CLIENT_TOOLS = frozenset({OPEN_PAGE})

_NO_SUCH_PAGE = (
    "The docs have no page with this address. Use a page's address as search_docs gave it."
)
_NO_SUCH_HEADING = "The page has no such heading. Its headings are: {headings}"
_UNREACHABLE = "The docs can't be reached just now, so the page was not opened."
_OPENING = "The reader's browser is opening the page."


def client_tools(metadata: dict[str, Any]) -> frozenset[str]:
    """Return the known tools among those that a client's request says it has."""
    named = metadata.get("client_tools")
    if not isinstance(named, list):
        return frozenset()
    return CLIENT_TOOLS & {name for name in named if isinstance(name, str)}


def open_page_tool(index: PassageIndex) -> FunctionTool:
    """Make `open_page`, which knows the pages of the index and no other address."""

    def is_offered(run: RunContextWrapper[Turn], _agent: AgentBase[Turn]) -> bool:
        return OPEN_PAGE in run.context.client_tools

    @function_tool(is_enabled=is_offered)
    async def open_page(
        run: ToolContext[Turn],
        url: Annotated[str, Field(description="Address of a page of the docs.")],
        heading: Annotated[str, Field(description="Heading to scroll to, or an empty text.")] = "",
    ) -> str:
        """Open a page of the docs in the reader's browser, when the reader asks to be shown it."""
        wanted, _, anchor = url.strip().partition("#")
        try:
            pages = await VisibleIndex(index, run.context.scope).pages()
            page = next((page for page in pages if page.url == wanted), None)
        except IndexUnavailableError:
            return _UNREACHABLE
        if page is None:
            return _NO_SUCH_PAGE
        sections = {section.heading.casefold(): section for section in page.sections}
        if heading.strip():
            section = sections.get(heading.strip().casefold())
            if section is None:
                return _NO_SUCH_HEADING.format(
                    headings=", ".join(section.heading for section in page.sections)
                )
        else:
            section = next((one for one in page.sections if one.anchor == anchor), None)
        address = f"{page.url}#{section.anchor}" if section and section.anchor else page.url
        if run.context.client_call is None:
            run.context.client_call = ClientCall(
                name=OPEN_PAGE,
                arguments={"url": address, "heading": section.heading if section else page.title},
                call_id=run.tool_call_id,
            )
        return _OPENING

    return open_page


def stop_for_client(
    run: RunContextWrapper[Turn], _results: list[FunctionToolResult]
) -> ToolsToFinalOutputResult:
    """End the agent's run when it needs something that only the client, or the reader, can do."""
    turn = run.context
    return ToolsToFinalOutputResult(
        is_final_output=turn.client_call is not None or bool(turn.rival_versions)
    )
