"""How many statements a request takes: a fixed number, however long the thread."""

from collections.abc import Callable, Iterator

import pytest

from server.app import create_app
from server.settings import ServerSettings
from store.threads.store import ThreadStore
from tests.contract.thread_store_statements import counted_statements
from tests.server.serving import ChatClient, running, user_input

QUESTION = "How often is a job tried again?"

# What each request may take at most, transactions' beginnings and ends left out.
BOUNDS: dict[str, tuple[int, Callable[[ChatClient, str, list[str]], object]]] = {
    "threads.list": (1, lambda c, t, i: c.request("threads.list", limit=100)),
    "threads.get_by_id": (3, lambda c, t, i: c.request("threads.get_by_id", thread_id=t)),
    "items.list": (2, lambda c, t, i: c.list_items(t)),
    "threads.update": (3, lambda c, t, i: c.request("threads.update", thread_id=t, title="Jobs")),
    "items.feedback": (
        10,
        lambda c, t, i: c.request("items.feedback", thread_id=t, item_ids=i, kind="positive"),
    ),
    "threads.create": (
        14,
        lambda c, t, i: c.stream("threads.create", input=user_input(f"{QUESTION} {len(i)}")),
    ),
    "threads.add_user_message": (
        18,
        lambda c, t, i: c.stream(
            "threads.add_user_message", thread_id=t, input=user_input(QUESTION)
        ),
    ),
    "threads.delete": (5, lambda c, t, i: c.request("threads.delete", thread_id=t)),
}


@pytest.fixture
def served(settings: ServerSettings) -> Iterator[tuple[ChatClient, ThreadStore]]:
    app = create_app(settings)
    with running(app) as url:
        client = ChatClient(url)
        yield client, app.state.resources.threads
        client.close()


def test_a_request_takes_as_many_statements_for_a_long_thread_as_for_a_short_one(
    served: tuple[ChatClient, ThreadStore],
) -> None:
    client, store = served

    def taken(turns: int) -> dict[str, int]:
        thread = client.ask("What is Gromit?").thread
        assert thread is not None
        for number in range(turns - 1):
            client.ask(f"What is a dead letter, for the {number}. time?", thread_id=thread.id)
        ids = [item["id"] for item in client.list_items(thread.id)]
        counts = {}
        for name, (_, send) in BOUNDS.items():
            with counted_statements(store) as sent:
                send(client, thread.id, ids)
            counts[name] = len(sent)
        return counts

    short = taken(1)
    assert {name: short[name] for name, (most, _) in BOUNDS.items() if short[name] > most} == {}
    assert taken(8) == short
