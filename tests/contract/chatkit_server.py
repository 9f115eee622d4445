"""Running servers for the conformance suite: the whole application, over each database."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from chatkit.types import ClosedStatus, LockedStatus
from fastapi import FastAPI
from pydantic import SecretStr

from server.app import create_app
from server.routes.chatkit import ReaderDep, ResourcesDep
from server.settings import ServerSettings
from store.threads.personal_data import export_user
from tests.contract.mariadb import fresh_mariadb
from tests.contract.postgres import fresh_postgres
from tests.mock_openai import MockOpenAI, Step
from tests.server.serving import ChatClient, running

DATABASES = ("sqlite", "postgresql")
ALL_DATABASES = (*DATABASES, "mariadb")


class Backend:
    """A running server; each client is another reader. `script` is what its model does next."""

    def __init__(self, url: str, script: deque[Step], mock: MockOpenAI | None = None) -> None:
        self.url = url
        self.script = script
        self.mock = mock
        self._clients: list[ChatClient] = []

    def client(self) -> ChatClient:
        """Return a client of a reader who has nothing yet."""
        client = ChatClient(self.url, key=uuid4().hex)
        self._clients.append(client)
        return client

    def close(self) -> None:
        for client in self._clients:
            client.close()


def database_url(database: str, folder: Path) -> str:
    """Return the URL of an empty database; skips the test where its server isn't installed."""
    match database:
        case "postgresql":
            return fresh_postgres()
        case "mariadb":
            return fresh_mariadb()
        case _:
            return f"sqlite:///{folder / 'threads.db'}"


@contextmanager
def offline_backend(settings: ServerSettings) -> Iterator[Backend]:
    """Serve with the offline model."""
    with running(_application(settings)) as url:
        backend = Backend(url, deque())
        try:
            yield backend
        finally:
            backend.close()


@contextmanager
def scripted_backend(settings: ServerSettings) -> Iterator[Backend]:
    """Serve with a model that takes the steps of `script`."""
    script: deque[Step] = deque()

    def steps() -> Iterator[Step]:
        while True:
            yield script.popleft()

    with MockOpenAI(steps()) as mock:
        model = {"openai_api_key": SecretStr("sk-test"), "openai_base_url": mock.base_url}
        with running(_application(settings.model_copy(update=model))) as url:
            backend = Backend(url, script, mock)
            try:
                yield backend
            finally:
                backend.close()


def _application(settings: ServerSettings) -> FastAPI:
    # All readers of the suite have one address.
    app = create_app(settings.model_copy(update={"requests_per_minute": "", "answers_at_once": ""}))

    @app.post("/test/status/{thread_id}/{status}")
    async def set_status(
        thread_id: str, status: str, reader: ReaderDep, resources: ResourcesDep
    ) -> None:
        """Lock or close a thread, which no request of the protocol can."""
        thread = await resources.threads.load_thread(thread_id, context=reader.context)
        thread.status = LockedStatus() if status == "locked" else ClosedStatus()
        await resources.threads.save_thread(thread, context=reader.context)

    @app.get("/test/export")
    async def export(reader: ReaderDep, resources: ResourcesDep) -> dict[str, Any]:
        """Return all that is kept of a reader, what no request shows included."""
        return await export_user(resources.threads, reader.context.user_id)

    return app
