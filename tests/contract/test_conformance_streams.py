"""Rules C1 to C17 of the ChatKit contract, over real HTTP and on each database."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from chatkit.types import (
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    UserMessageItem,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)
from pydantic import TypeAdapter

from server.settings import ServerSettings
from tests.contract.chatkit_server import (
    DATABASES,
    Backend,
    database_url,
    offline_backend,
    scripted_backend,
)
from tests.contract.reducer import StreamReducer
from tests.mock_openai import Call, Failure, Pause, Reply, Text, Thought
from tests.server.serving import ChatClient, as_sent, user_input

EVENT: TypeAdapter[ThreadStreamEvent] = TypeAdapter(ThreadStreamEvent)
SEARCH = Call("search_docs", {"query": "run Gromit in Docker"})
QUESTION = "How do I run Gromit in Docker?"


@pytest.fixture(scope="module", params=DATABASES)
def settings(
    request: pytest.FixtureRequest, index_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> ServerSettings:
    url = database_url(request.param, tmp_path_factory.mktemp("threads"))
    return ServerSettings(index_dir=index_dir, database_url=url, heartbeat_seconds=0)


@pytest.fixture(scope="module")
def offline(settings: ServerSettings) -> Iterator[Backend]:
    with offline_backend(settings) as backend:
        yield backend


@pytest.fixture(scope="module")
def scripted(settings: ServerSettings) -> Iterator[Backend]:
    with scripted_backend(settings) as backend:
        yield backend


@pytest.fixture
def client(offline: Backend) -> ChatClient:
    return offline.client()


def frames(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the frames of a stream, each of which must be one line."""
    *parts, end = response.text.split("\n\n")
    assert end == "", "the stream ends behind a whole frame"
    assert all(part.startswith("data: ") and "\n" not in part for part in parts)
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def wait_for_items(client: ChatClient, count: int) -> list[dict[str, Any]]:
    """Wait until the reader's only thread has `count` items, and return them."""
    deadline = time.monotonic() + 30
    items: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        threads = client.request("threads.list").json()["data"]
        items = client.list_items(threads[0]["id"]) if threads else []
        if len(items) >= count:
            return items
        time.sleep(0.02)
    raise AssertionError(f"the thread has {len(items)} items")


def test_c1_streams_are_frames_of_one_line_and_the_rest_is_json(client: ChatClient) -> None:
    response = client.request("threads.create", input=user_input(QUESTION))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    for frame in frames(response):
        EVENT.validate_python(frame)
    listed = client.request("threads.list")
    assert listed.headers["content-type"] == "application/json"


def test_c2_each_request_type_streams_or_does_not(client: ChatClient) -> None:
    answered = client.ask(QUESTION)
    assert answered.thread is not None
    thread = {"thread_id": answered.thread.id}
    streaming: dict[str, dict[str, Any]] = {
        "threads.create": {"input": user_input("One?")},
        "threads.add_user_message": {**thread, "input": user_input("Two?")},
        "threads.retry_after_item": {**thread, "item_id": next(iter(answered.items))},
    }
    not_streaming: dict[str, dict[str, Any]] = {
        "threads.get_by_id": thread,
        "threads.list": {},
        "threads.update": {**thread, "title": "Mine"},
        "items.list": thread,
        "items.feedback": {**thread, "item_ids": [], "kind": "positive"},
        "threads.delete": thread,
    }
    for kind, requests in (("text/event-stream", streaming), ("application/json", not_streaming)):
        for type_, params in requests.items():
            response = client.request(type_, **params)
            assert response.status_code == 200, type_
            assert response.headers["content-type"].startswith(kind), type_


def test_c3_no_null_and_no_private_metadata_leaves_the_server(client: ChatClient) -> None:
    created = client.request("threads.create", input=user_input(QUESTION)).text
    thread_id = json.loads(created.split("\n\n")[0].removeprefix("data: "))["thread"]["id"]
    sent = [created] + [
        client.request(type_, **params).text
        for type_, params in (
            ("threads.list", {}),
            ("threads.get_by_id", {"thread_id": thread_id}),
            ("items.list", {"thread_id": thread_id}),
            ("threads.update", {"thread_id": thread_id, "title": "Mine"}),
        )
    ]
    for text in sent:
        assert ":null" not in text
        assert '"metadata"' not in text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"type": "threads.explode"}', b"\xff"])
def test_c4_what_is_no_request_is_refused_with_json(client: ChatClient, body: bytes) -> None:
    response = client.http.post("/chatkit", content=body)
    assert response.status_code == 400
    assert response.json()["error"]["message"]


def test_c5_streams_begin_in_order(client: ChatClient) -> None:
    created = client.ask(QUESTION)
    assert created.types[:3] == ["thread.created", "thread.item.done", "stream_options"]
    assert created.thread is not None
    added = client.ask("And with Compose?", thread_id=created.thread.id)
    assert added.types[:2] == ["thread.item.done", "stream_options"]
    assert isinstance(next(iter(added.items.values())), UserMessageItem)
    again = client.stream(
        "threads.retry_after_item",
        thread_id=created.thread.id,
        item_id=next(iter(added.items)),
    )
    assert again.types[0] == "stream_options"


def test_c6_a_message_needs_all_its_parts_and_its_quote_reaches_the_model(
    scripted: Backend,
) -> None:
    client = scripted.client()
    for missing in ("content", "attachments", "inference_options"):
        message = user_input(QUESTION)
        del message[missing]
        assert client.request("threads.create", input=message).status_code == 400
    scripted.script.append(Text("Yes."))
    message = {**user_input("Is that so?"), "quoted_text": "Gromit is a job queue"}
    client.stream("threads.create", input=message)
    assert scripted.mock is not None
    assert "Gromit is a job queue" in json.dumps(scripted.mock.requests[-1].json)


def test_c7_a_message_is_built_in_order_under_one_id(scripted: Backend) -> None:
    client = scripted.client()
    scripted.script.extend([SEARCH, Text("Run ", "it [1", "]. Then", " stop [1].")])
    events = list(client.events("threads.create", input=user_input(QUESTION)))
    about: list[Any] = []
    for event in events:
        match event.type:
            case "thread.item.added" | "thread.item.done" if event.item.type == "assistant_message":
                about.append((event.item.id, event.type.removeprefix("thread.item.")))
            case "thread.item.updated":
                part = event.update.type.removeprefix("assistant_message.")
                about.append((event.item_id, part))
    assert len({item_id for item_id, _ in about}) == 1
    kinds = [kind for _, kind in about]
    assert kinds[:2] == ["added", "content_part.added"]
    assert kinds[-2:] == ["content_part.done", "done"]
    assert set(kinds[2:-2]) == {"content_part.text_delta", "content_part.annotation_added"}
    reducer = StreamReducer()
    for event in events:
        reducer.apply(event)
    [content] = reducer.answer.content
    assert [annotation.index for annotation in content.annotations] == [6, 17]


def test_c8_item_ids_are_unique_and_events_refer_to_known_ones(scripted: Backend) -> None:
    client = scripted.client()
    ids: list[str] = []
    for number in range(3):
        scripted.script.extend([SEARCH, Text(f"Answer {number} [1].")])
        ids += client.ask(f"Question {number}?").items
    assert len(set(ids)) == len(ids) == 9
    assert not any("__fake_id__" in item_id for item_id in ids)


def test_c9_annotations_point_into_the_text_in_code_points(scripted: Backend) -> None:
    client = scripted.client()
    scripted.script.extend([SEARCH, Text("🐳🐳 é [1]", ". 👩‍💻 [1]")])
    [content] = client.ask(QUESTION).answer.content
    assert content.text == "🐳🐳 é. 👩‍💻"
    assert [a.index for a in content.annotations] == [4, len(content.text)]


def test_c10_sources_are_links_of_the_docs(client: ChatClient) -> None:
    [content] = client.ask(QUESTION).answer.content
    assert content.annotations
    for annotation in content.annotations:
        assert annotation.source.type == "url"
        assert annotation.source.url.startswith("/docs/")
        assert annotation.source.title


@pytest.mark.parametrize("status", [401, 500])
def test_c11_a_failure_is_one_error_at_the_end_without_its_text(
    scripted: Backend, status: int
) -> None:
    client = scripted.client()
    scripted.script.extend(
        [Failure(status, "secret", headers={"retry-after-ms": "1"})] * (1 if status == 401 else 3)
    )
    response = client.request("threads.create", input=user_input(QUESTION))
    events = frames(response)
    assert [event["type"] for event in events].count("error") == 1
    assert events[-1]["type"] == "error"
    assert "secret" not in response.text


def test_c12_what_only_informs_is_not_stored(client: ChatClient) -> None:
    answered = client.ask(QUESTION)
    assert answered.progress
    assert answered.thread is not None
    types = {item["type"] for item in client.list_items(answered.thread.id)}
    assert types == {"user_message", "widget", "assistant_message"}


def test_c13_the_title_comes_in_the_same_stream(client: ChatClient) -> None:
    answered = client.ask(QUESTION)
    assert answered.thread is not None
    assert "thread.updated" in answered.types
    assert answered.thread.title == QUESTION
    stored = client.request("threads.get_by_id", thread_id=answered.thread.id).json()
    assert stored["title"] == QUESTION


def test_c14_no_workflow_is_begun_that_is_not_ended(client: ChatClient) -> None:
    """What a model tells of its thoughts is one; see `tests/server/test_model_turns.py`."""
    assert not [item for item in as_sent(client.ask(QUESTION)) if item["type"] == "workflow"]


def test_c14_a_workflow_is_added_told_task_by_task_and_ended(scripted: Backend) -> None:
    client = scripted.client()
    # Deltas that come close together are joined before the server reads them.
    thought = Thought("First I look into the docs. ", Pause(0.2), "Then I read them. " * 8)
    scripted.script.extend([Reply((thought, SEARCH)), Reply((Thought("Now."), Text("Yes [1].")))])
    about: list[tuple[str, Any]] = []
    ended: list[WorkflowItem] = []
    for event in client.events("threads.create", input=user_input(QUESTION)):
        match event:
            case ThreadItemAddedEvent(item=WorkflowItem() as item):
                about.append(("added", item.id))
            case ThreadItemUpdatedEvent(update=WorkflowTaskAdded() | WorkflowTaskUpdated() as told):
                about.append((told.type, told.task_index))
            case ThreadItemDoneEvent(item=WorkflowItem() as item):
                about.append(("done", item.id))
                ended.append(item)
    [item] = ended
    kinds = [kind for kind, _ in about]
    assert (about[0], about[-1]) == (("added", item.id), ("done", item.id))
    added = [index for kind, index in about if kind == "workflow.task.added"]
    assert added == list(range(len(item.workflow.tasks)))
    assert len(added) == 2
    assert "workflow.task.updated" in kinds
    assert item.workflow.summary is not None


def test_c15_a_reader_who_leaves_keeps_the_partial_answer(scripted: Backend) -> None:
    client = scripted.client()
    scripted.script.extend([SEARCH, Text("The first half [1]. ", Pause(), "The second half.")])
    for event in client.events("threads.create", input=user_input(QUESTION)):
        if "first half" in event.model_dump_json() and event.type == "thread.item.updated":
            break
    items = wait_for_items(client, 3)
    assert items[-1]["content"][0]["text"].strip() == "The first half."
    assert "hidden" not in json.dumps(items)
    assert scripted.mock is not None
    assert scripted.mock.requests[-1].closed.wait(30), "the model call goes on"
    scripted.script.append(Text("A new answer."))
    again = client.ask("And now?", thread_id=items[0]["thread_id"])
    assert again.answer.content[0].text == "A new answer."
    assert "cancelled" in json.dumps(scripted.mock.requests[-1].json)


def test_c16_a_client_tool_call_is_last_and_completed_once(scripted: Backend) -> None:
    client = scripted.client()
    scripted.script.append(Call("open_page", {"url": "/docs/guide/install"}))
    asked = client.stream(
        "threads.create", metadata={"client_tools": ["open_page"]}, input=user_input("Show me!")
    )
    call = as_sent(asked)[-1]
    assert (call["type"], call["status"]) == ("client_tool_call", "pending")
    assert asked.types[-1] == "thread.item.done"
    thread_id = call["thread_id"]
    scripted.script.append(Text("There it is."))
    answered = client.stream(
        "threads.add_client_tool_output", thread_id=thread_id, result={"ok": 1}
    )
    assert answered.types[0] == "stream_options"
    assert answered.answer.content[0].text == "There it is."
    before = client.list_items(thread_id)
    again = client.request("threads.add_client_tool_output", thread_id=thread_id, result={})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_pending")
    assert client.list_items(thread_id) == before


def test_c16_a_client_may_report_that_it_failed(scripted: Backend) -> None:
    client = scripted.client()
    scripted.script.extend(
        [Call("open_page", {"url": "/docs/guide/install"}), Text("It can't be opened.")]
    )
    asked = client.stream(
        "threads.create", metadata={"client_tools": ["open_page"]}, input=user_input("Show me!")
    )
    thread_id = as_sent(asked)[-1]["thread_id"]
    result = {"error": "The window is gone. <script>"}
    answered = client.stream("threads.add_client_tool_output", thread_id=thread_id, result=result)
    assert answered.answer.content[0].text == "It can't be opened."
    assert client.list_items(thread_id)[1]["output"] == result
    assert scripted.mock is not None
    assert "The window is gone." in json.dumps(scripted.mock.requests[-1].json)


def test_c16_an_answer_goes_on_without_a_client_that_never_reports(scripted: Backend) -> None:
    client = scripted.client()
    scripted.script.extend([Call("open_page", {"url": "/docs/guide/install"}), Text("Run it.")])
    asked = client.stream(
        "threads.create", metadata={"client_tools": ["open_page"]}, input=user_input("Show me!")
    )
    thread_id = as_sent(asked)[-1]["thread_id"]
    answered = client.ask("Then tell me.", thread_id=thread_id)
    assert answered.answer.content[0].text == "Run it."
    late = client.request("threads.add_client_tool_output", thread_id=thread_id, result={})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "not_pending")


def test_c17_a_retry_drops_what_came_later_and_keeps_the_question(client: ChatClient) -> None:
    first = client.ask(QUESTION)
    assert first.thread is not None
    client.ask("And then?", thread_id=first.thread.id)
    question = next(iter(first.items))
    again = client.stream("threads.retry_after_item", thread_id=first.thread.id, item_id=question)
    ids = [item["id"] for item in client.list_items(first.thread.id)]
    assert ids == [question, *again.items]


def test_the_fold_of_every_stream_is_what_the_thread_holds(client: ChatClient) -> None:
    folded: list[dict[str, Any]] = []
    thread_id = None
    for question in (QUESTION, "When are jobs tried again? 🙂", "Which wine goes with risotto?"):
        answered = client.ask(question, thread_id=thread_id)
        folded += as_sent(answered)
        thread_id = folded[0]["thread_id"]
    assert client.list_items(str(thread_id)) == folded
