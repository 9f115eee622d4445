"""Malformed and refused requests: each a 4xx with a reason, and nothing stored."""

import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from server.errors import RequestRefused
from server.routes.chatkit import read_body
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, user_input

CREATE = "threads.create"


@pytest.fixture
def client(new_reader: ChatClient) -> ChatClient:
    return new_reader


@pytest.fixture(scope="module")
def texts() -> dict[str, Any]:
    message = user_input("Hello?")
    return {
        "empty": user_input("  "),
        "long": user_input("x" * 8001),
        "model": {**message, "inference_options": {"model": "gpt-x"}},
        "tool": {**message, "inference_options": {"tool_choice": {"id": "rm"}}},
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"type": "threads.explode", "params": {}}',
        b'{"type": "threads.create"}',
        b'{"type": "threads.create", "params": {"input": {}}}',
        b'{"type": "threads.get_by_id", "params": {"thread_id": 7}}',
        b'{"type": "items.list", "params": {"thread_id": "t", "order": "random"}}',
        b"\xff\xfe",
    ],
)
def test_a_malformed_body_is_named_and_refused(client: ChatClient, body: bytes) -> None:
    response = client.http.post("/chatkit", content=body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "invalid_request"
    assert error["message"]


@pytest.mark.parametrize(
    ("which", "code"),
    [
        ("empty", "empty_message"),
        ("long", "message_too_long"),
        ("model", "unknown_model"),
        ("tool", "unknown_tool"),
    ],
)
def test_a_refused_message_stores_nothing(
    client: ChatClient, texts: dict[str, Any], which: str, code: str
) -> None:
    response = client.request(CREATE, input=texts[which])
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code
    assert client.request("threads.list").json()["data"] == []


LONG = "x" * 8001


@pytest.mark.parametrize(
    ("type_", "params", "code"),
    [
        ("threads.update", {"title": "x" * 501}, "title_too_long"),
        ("threads.add_client_tool_output", {"result": {"page": [LONG]}}, "message_too_long"),
        (
            "threads.add_structured_input",
            {"item_id": "msg_1", "input": {"answers": {"version": {"values": ["1.x", LONG]}}}},
            "message_too_long",
        ),
    ],
)
def test_nothing_else_that_a_reader_sends_may_be_longer(
    client: ChatClient, type_: str, params: dict[str, Any], code: str
) -> None:
    thread = client.ask("How do I upgrade?").thread
    assert thread is not None
    response = client.request(type_, thread_id=thread.id, **params)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)


def test_an_unknown_cursor_is_an_error_and_not_a_restart(client: ChatClient) -> None:
    thread = client.ask("How do I upgrade?").thread
    assert thread is not None
    for request in ({"type_": "threads.list"}, {"type_": "items.list", "thread_id": thread.id}):
        response = client.request(after="msg_unknown", **request)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "unknown_cursor")


def test_only_a_readers_message_is_retried(client: ChatClient) -> None:
    answered = client.ask("How do I upgrade?")
    assert answered.thread is not None
    before = client.list_items(answered.thread.id)
    response = client.request(
        "threads.retry_after_item", thread_id=answered.thread.id, item_id=answered.answer.id
    )
    assert response.status_code == 400
    assert client.list_items(answered.thread.id) == before


def test_results_of_no_tool_call_are_refused(client: ChatClient) -> None:
    thread = client.ask("How do I upgrade?").thread
    assert thread is not None
    response = client.request("threads.add_client_tool_output", thread_id=thread.id, result=1)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_pending")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/favicon.ico", 404, "not_found"),
        ("GET", "/chatkit", 405, "method_not_allowed"),
        ("PUT", "/docs/guide", 405, "method_not_allowed"),
        ("POST", "/attachments", 400, "invalid_request"),
    ],
)
def test_what_no_route_takes_is_told_like_any_other_error(
    client: ChatClient, method: str, path: str, status: int, code: str
) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    response = client.http.request(method, path, content=b"no form", headers=form)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_may_ask_for_the_head_alone(client: ChatClient, path: str) -> None:
    response = client.http.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_a_body_that_is_too_long_is_refused(serve: Serve) -> None:
    client = serve(max_body_bytes=1000)
    response = client.http.post("/chatkit", content=b" " * 1001)
    assert response.status_code == 413


def test_a_guessable_token_is_refused(client: ChatClient) -> None:
    response = client.http.post(
        "/chatkit",
        content=json.dumps({"type": "threads.list", "params": {}}),
        headers={"Authorization": "Bearer 1234"},
    )
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_token")


async def test_a_client_that_leaves_before_its_body_is_whole_is_no_failure() -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"type": ', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    with pytest.raises(RequestRefused) as refused:
        await read_body(Request({"type": "http"}, receive), limit=100)
    assert (refused.value.status, refused.value.code) == (400, "body_cut_short")
