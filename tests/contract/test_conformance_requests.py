"""Rules C18 to C27 of the ChatKit contract, over real HTTP and on each database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chatkit.types import ThreadItem
from pydantic import TypeAdapter

from server.settings import ServerSettings
from tests.contract.chatkit_server import ALL_DATABASES, Backend, database_url, offline_backend
from tests.server.serving import ChatClient, user_input

ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
QUESTION = "How often is a job that fails tried again?"


@pytest.fixture(scope="module", params=ALL_DATABASES)
def offline(
    request: pytest.FixtureRequest, index_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backend]:
    url = database_url(request.param, tmp_path_factory.mktemp("threads"))
    settings = ServerSettings(index_dir=index_dir, database_url=url, duplicate_seconds=0)
    with offline_backend(settings) as backend:
        yield backend


@pytest.fixture
def client(offline: Backend) -> ChatClient:
    return offline.client()


class Asked:
    """A thread with one answered question."""

    def __init__(self, client: ChatClient) -> None:
        answered = client.ask(QUESTION)
        assert answered.thread is not None
        self.thread_id = answered.thread.id
        self.items = list(answered.items)
        self.question, self.card, self.answer = self.items


@pytest.fixture
def asked(client: ChatClient) -> Asked:
    return Asked(client)


def test_c18_feedback_is_idempotent_and_names_items_of_the_thread(
    client: ChatClient, asked: Asked
) -> None:
    params = {"thread_id": asked.thread_id, "item_ids": [asked.answer]}
    for kind in ("positive", "positive", "negative"):
        response = client.request("items.feedback", kind=kind, **params)
        assert (response.status_code, response.json()) == (200, {})
    params["item_ids"] = [asked.answer, "msg_unknown"]
    assert client.request("items.feedback", kind="positive", **params).status_code == 404


def test_c18_feedback_is_kept_with_the_answer_that_it_is_about(
    client: ChatClient, asked: Asked
) -> None:
    client.ask("And where do they end up?", thread_id=asked.thread_id)
    client.request(
        "items.feedback", thread_id=asked.thread_id, item_ids=[asked.answer], kind="negative"
    )
    [thread] = client.http.get("/test/export").json()["threads"]
    [given] = thread["feedback"]
    assert (given["item_id"], given["kind"]) == (asked.answer, "negative")
    assert given["given_at"]
    assert given["about"]["question"] == QUESTION
    assert given["about"]["generation"] == 1
    assert "/docs/guide/retries" in given["about"]["passages"][0]


@pytest.mark.parametrize("type_", ["threads.custom_action", "threads.sync_custom_action"])
def test_c19_actions_come_from_widgets(client: ChatClient, asked: Asked, type_: str) -> None:
    for item_id in (asked.answer, asked.question):
        response = client.request(
            type_,
            thread_id=asked.thread_id,
            item_id=item_id,
            action={"type": "more_sources"},
        )
        assert response.status_code == 400


def test_c19_a_sync_action_stores_what_it_answers(client: ChatClient, asked: Asked) -> None:
    response = client.request(
        "threads.sync_custom_action",
        thread_id=asked.thread_id,
        item_id=asked.card,
        action={"type": "more_sources"},
    )
    item = response.json()["updated_item"]
    ITEM.validate_python(item)
    assert item == client.list_items(asked.thread_id)[1]


def test_c20_a_widget_keeps_its_place_when_it_changes(client: ChatClient, asked: Asked) -> None:
    replaced = [
        event
        for event in client.events(
            "threads.custom_action",
            thread_id=asked.thread_id,
            item_id=asked.card,
            action={"type": "more_sources"},
        )
        if event.type == "thread.item.replaced"
    ]
    assert [event.item.id for event in replaced] == [asked.card]
    items = client.list_items(asked.thread_id)
    assert [item["id"] for item in items] == asked.items
    assert items[1]["widget"]["type"] == "Card"


@pytest.mark.parametrize("item", ["question", "card", "answer", "unknown"])
def test_c21_only_an_open_question_takes_structured_input(
    client: ChatClient, asked: Asked, item: str
) -> None:
    response = client.request(
        "threads.add_structured_input",
        thread_id=asked.thread_id,
        item_id=getattr(asked, item, "msg_unknown"),
        input={"status": "answered", "answers": {}},
    )
    assert response.status_code == (404 if item == "unknown" else 409)


@pytest.mark.parametrize(
    "options", [{"model": "gpt-unlisted"}, {"tool_choice": {"id": "shell"}}, {"model": ""}]
)
def test_c24_models_and_tools_are_checked_against_a_list(
    client: ChatClient, options: dict[str, Any]
) -> None:
    message = {**user_input(QUESTION), "inference_options": options}
    assert client.request("threads.create", input=message).status_code == 400
    assert client.request("threads.list").json()["data"] == []


def test_c24_tags_are_stored_as_they_came(client: ChatClient) -> None:
    tag = {
        "type": "input_tag",
        "id": "guide/install.md",
        "text": "Install",
        "data": {"path": "guide/install.md"},
        "group": "Pages",
        "interactive": True,
    }
    message = user_input("What is in ")
    message["content"].append(tag)
    answered = client.stream("threads.create", input=message)
    assert answered.thread is not None
    assert client.list_items(answered.thread.id)[0]["content"][1] == tag


def pages(client: ChatClient, type_: str, **params: Any) -> Iterator[dict[str, Any]]:
    after: dict[str, Any] = {}
    while True:
        page = client.request(type_, **params, **after).json()
        assert page["has_more"] == ("after" in page)
        yield page
        if not page["has_more"]:
            return
        after = {"after": page["after"]}


def test_c25_paging_gives_each_item_once_in_either_order(client: ChatClient, asked: Asked) -> None:
    client.ask("Where do they end up?", thread_id=asked.thread_id)
    everything = [item["id"] for item in client.list_items(asked.thread_id)]
    for order, expected in (("asc", everything), ("desc", everything[::-1])):
        paged = [
            item["id"]
            for page in pages(client, "items.list", thread_id=asked.thread_id, limit=2, order=order)
            for item in page["data"]
        ]
        assert paged == expected
    newest_first = client.request("items.list", thread_id=asked.thread_id).json()["data"]
    assert [item["id"] for item in newest_first] == everything[::-1]


def test_c25_threads_are_listed_newest_first(client: ChatClient) -> None:
    ids = [Asked(client).thread_id for _ in range(3)]
    listed = [
        thread["id"] for page in pages(client, "threads.list", limit=2) for thread in page["data"]
    ]
    assert listed == ids[::-1]


@pytest.mark.parametrize(("limit", "expected"), [(0, 3), (-5, 1), (1, 1), (10**9, 3), (None, 3)])
def test_c25_limits_are_clamped(
    client: ChatClient, asked: Asked, limit: int | None, expected: int
) -> None:
    page = client.request("items.list", thread_id=asked.thread_id, limit=limit).json()
    assert len(page["data"]) == expected


@pytest.mark.parametrize("after", ["", "msg_unknown", "\0", "x" * 1000])
def test_c25_an_unknown_cursor_is_an_error(client: ChatClient, asked: Asked, after: str) -> None:
    for type_, params in (("items.list", {"thread_id": asked.thread_id}), ("threads.list", {})):
        response = client.request(type_, after=after, **params)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "unknown_cursor")


@pytest.mark.parametrize("status", ["locked", "closed"])
def test_c27_a_locked_or_closed_thread_takes_nothing(
    client: ChatClient, asked: Asked, status: str
) -> None:
    client.http.post(f"/test/status/{asked.thread_id}/{status}").raise_for_status()
    before = client.list_items(asked.thread_id)
    action = {"item_id": asked.card, "action": {"type": "more_sources"}}
    refused: dict[str, dict[str, Any]] = {
        "threads.add_user_message": {"input": user_input("Hello?")},
        "threads.retry_after_item": {"item_id": asked.question},
        "threads.add_client_tool_output": {"result": 1},
        "threads.add_structured_input": {"item_id": asked.card, "input": {}},
        "threads.custom_action": action,
        "threads.sync_custom_action": action,
    }
    for type_, params in refused.items():
        response = client.request(type_, thread_id=asked.thread_id, **params)
        assert response.status_code == 409, type_
        assert response.json()["error"]["code"] == "thread_not_active"
    assert client.list_items(asked.thread_id) == before
