"""A minimal ChatKit server, written as the public samples are: what serving is compared with.

It keeps threads in memory, its search takes no time, and it checks nothing. Tracing is off, which
the samples leave on: there is nobody here to send traces to.
"""

import argparse
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from agents import Agent, OpenAIResponsesModel, RunConfig, Runner, function_tool
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import (
    Attachment,
    Page,
    ThreadItem,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from openai import AsyncOpenAI

_FOUND = "[1] The docs say how the server is started, and what it prints when it is ready. " * 40
_HISTORY = 20

Context = dict[str, Any]


class MemoryStore(Store[Context]):
    """Threads and items in dictionaries."""

    def __init__(self) -> None:
        self._threads: dict[str, ThreadMetadata] = {}
        self._items: defaultdict[str, dict[str, ThreadItem]] = defaultdict(dict)

    async def load_thread(self, thread_id: str, context: Context) -> ThreadMetadata:
        """Load a thread."""
        if thread_id not in self._threads:
            raise NotFoundError(thread_id)
        return self._threads[thread_id]

    async def save_thread(self, thread: ThreadMetadata, context: Context) -> None:
        """Keep a thread."""
        self._threads[thread.id] = thread

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: Context
    ) -> Page[ThreadMetadata]:
        """Load all threads."""
        return Page(data=list(self._threads.values()))

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        """Load the first items, or the last ones from the end."""
        items = list(self._items[thread_id].values())
        return Page(data=(items[::-1] if order == "desc" else items)[:limit])

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        """Keep an item."""
        self._items[thread_id][item.id] = item

    async def save_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        """Keep an item."""
        self._items[thread_id][item.id] = item

    async def load_item(self, thread_id: str, item_id: str, context: Context) -> ThreadItem:
        """Load an item."""
        return self._items[thread_id][item_id]

    async def delete_thread(self, thread_id: str, context: Context) -> None:
        """Forget a thread."""
        self._threads.pop(thread_id, None)
        self._items.pop(thread_id, None)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Context) -> None:
        """Forget an item."""
        self._items[thread_id].pop(item_id, None)

    async def save_attachment(self, attachment: Attachment, context: Context) -> None:
        """Refuse: the samples that this is like take none."""
        raise NotImplementedError

    async def load_attachment(self, attachment_id: str, context: Context) -> Attachment:
        """Refuse."""
        raise NotImplementedError

    async def delete_attachment(self, attachment_id: str, context: Context) -> None:
        """Refuse."""
        raise NotImplementedError


@function_tool
async def search_docs(query: str) -> str:
    """Search the documentation."""
    return _FOUND


class MinimalServer(ChatKitServer[Context]):
    """Answers by an agent with one tool."""

    def __init__(self, base_url: str) -> None:
        super().__init__(MemoryStore())
        client = AsyncOpenAI(base_url=base_url, api_key="none")
        self._agent = Agent[AgentContext[Context]](
            name="assistant",
            instructions="Answer from the documentation. Cite passages as [n].",
            model=OpenAIResponsesModel("gpt-5-mini", client),
            tools=[search_docs],
        )

    async def respond(
        self,
        thread: ThreadMetadata,
        input_user_message: UserMessageItem | None,
        context: Context,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Stream the agent's answer."""
        items = await self.store.load_thread_items(thread.id, None, _HISTORY, "desc", context)
        agent_context = AgentContext[Context](
            thread=thread, store=self.store, request_context=context
        )
        result = Runner.run_streamed(
            self._agent,
            await simple_to_agent_input(items.data[::-1]),
            context=agent_context,
            run_config=RunConfig(tracing_disabled=True),
        )
        async for event in stream_agent_response(agent_context, result):
            yield event


def create_app(base_url: str) -> FastAPI:
    """Make the application; `base_url` is the model's."""
    app = FastAPI()
    server = MinimalServer(base_url)

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/chatkit")
    async def chatkit(request: Request) -> Response:
        result = await server.process(await request.body(), {})
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json, media_type="application/json")

    return app


def main() -> None:
    """Serve until the process is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", required=True, help="base URL of the Responses API")
    options = parser.parse_args()
    uvicorn.run(create_app(options.model), port=options.port, log_level="critical")


if __name__ == "__main__":
    main()
