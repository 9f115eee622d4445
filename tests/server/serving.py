"""A real server on loopback, and a client that speaks ChatKit to it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from chatkit.types import ThreadStreamEvent
from pydantic import TypeAdapter
from starlette.types import ASGIApp

from tests.contract.quick_server import QuickServer
from tests.contract.reducer import StreamReducer

EVENT: TypeAdapter[ThreadStreamEvent] = TypeAdapter(ThreadStreamEvent)


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """Serve `app` in a thread and yield its address."""
    server = QuickServer(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        thread.join()


class ChatClient:
    """What a ChatKit client sends, and the fold of what it gets."""

    def __init__(self, base_url: str, *, key: str = "reader-0123456789-0123456789") -> None:
        self.http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )

    def close(self) -> None:
        self.http.close()

    def request(self, type_: str, **params: Any) -> httpx.Response:
        """Send a request that is answered with JSON."""
        return self.http.post("/chatkit", json={"type": type_, "params": params})

    def list_items(self, thread_id: str) -> list[dict[str, Any]]:
        """Return every item of a thread, the oldest first."""
        response = self.request("items.list", thread_id=thread_id, order="asc", limit=100)
        response.raise_for_status()
        items: list[dict[str, Any]] = response.json()["data"]
        return items

    def stream(self, type_: str, **params: Any) -> StreamReducer:
        """Send a request that is answered with a stream, and fold it to its end."""
        reducer = StreamReducer()
        for event in self.events(type_, **params):
            reducer.apply(event)
        return reducer

    def ask(self, text: str, *, thread_id: str | None = None) -> StreamReducer:
        """Ask in a new thread, or in one that is there."""
        if thread_id is None:
            return self.stream("threads.create", input=user_input(text))
        return self.stream("threads.add_user_message", thread_id=thread_id, input=user_input(text))

    def events(
        self, type_: str, *, metadata: dict[str, Any] | None = None, **params: Any
    ) -> Iterator[ThreadStreamEvent]:
        """Send a request and yield its events as they come, each checked by the SDK's types."""
        body = {"type": type_, "params": params, "metadata": metadata or {}}
        with self.http.stream("POST", "/chatkit", json=body) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"].startswith("text/event-stream")
            for line in response.iter_lines():
                if not line or line.startswith(":"):
                    continue
                assert line.startswith("data: ")
                frame = json.loads(line.removeprefix("data: "))
                assert None not in frame.values(), "a null was sent"
                yield EVENT.validate_python(frame)


def user_input(text: str) -> dict[str, Any]:
    """Return a reader's message as clients send it."""
    return {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
    }


def as_sent(reducer: StreamReducer) -> list[dict[str, Any]]:
    """Return the fold's items as the server writes them."""
    return [
        item.model_dump(mode="json", exclude_none=True, by_alias=True)
        for item in reducer.items.values()
    ]
