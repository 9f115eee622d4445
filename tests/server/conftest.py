"""A small index made by the real ingest, and applications over it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from ingest.__main__ import app as ingest
from server.app import create_app
from server.settings import ServerSettings
from tests.command_line import run_here
from tests.server.serving import ChatClient, running

DOCS = {
    "index.md": "# Gromit\n\nGromit is a job queue for small teams.\n",
    "guide/install.md": (
        "# Install\n\nInstall Gromit with your package manager.\n\n"
        "## Docker\n\nRun the published image to use Gromit in Docker:\n\n"
        "```bash\ndocker run gromit/gromit:2\n```\n\n"
        "## Upgrade\n\nStop the workers, then install the newer version. "
        "The database is migrated when the first worker starts.\n"
    ),
    "guide/retries.md": (
        "# Retries\n\nA job that fails is tried again up to `MAX_RETRIES` times.\n\n"
        "## Backoff\n\nThe delay doubles after each attempt, from 2 seconds to 10 minutes.\n\n"
        "## Dead letters\n\nA job that fails for the last time moves to the dead letter queue. 🪦 "
        "List them with `gromit dead`.\n"
    ),
}


@pytest.fixture(scope="session")
def index_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a published index of `DOCS`."""
    folder = tmp_path_factory.mktemp("docs")
    for path, text in DOCS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    index = tmp_path_factory.mktemp("footnote") / "index"
    done = run_here(ingest, str(folder), "--index", str(index))
    assert done.returncode == 0, done.stderr
    return index


@pytest.fixture
def settings(index_dir: Path, tmp_path: Path) -> ServerSettings:
    """Return settings with threads of their own."""
    return settings_of(index_dir, tmp_path)


def settings_of(index_dir: Path, folder: Path) -> ServerSettings:
    return ServerSettings(
        index_dir=index_dir,
        database_url=f"sqlite:///{folder / 'threads.db'}",
        # All readers of a test have one address.
        requests_per_minute="",
        answers_at_once="",
    )


Serve = Callable[..., ChatClient]


@pytest.fixture
def serve(settings: ServerSettings) -> Iterator[Serve]:
    """Return a function that serves an application with changed settings, until the test ends."""
    with ExitStack() as stack:

        def serve(**changes: object) -> ChatClient:
            app = create_app(settings.model_copy(update=changes))
            client = ChatClient(stack.enter_context(running(app)))
            stack.callback(client.close)
            return client

        yield serve


@pytest.fixture
def client(serve: Serve) -> ChatClient:
    """Return a client of a server with the offline answerer."""
    return serve()


@pytest.fixture(scope="module")
def shared_server(index_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server for all tests of a module that need no other settings."""
    with running(create_app(settings_of(index_dir, tmp_path_factory.mktemp("shared")))) as url:
        yield url


@pytest.fixture
def new_reader(shared_server: str) -> Iterator[ChatClient]:
    """Return a client of a reader of the shared server who has nothing yet."""
    client = ChatClient(shared_server, key=uuid4().hex)
    yield client
    client.close()
