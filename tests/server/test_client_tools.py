"""The model asks the reader's client to open a page, and goes on when it reports back."""

import json
from typing import Any

import pytest

from tests.mock_openai import Call, MockOpenAI, Step, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, as_sent, user_input
from tests.server.test_chatkit_models import model

CAN_OPEN = {"client_tools": ["open_page"]}
OPEN = Call("open_page", {"url": "/docs/guide/install", "heading": "docker"})


@pytest.fixture(params=["responses", "chat"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(client: ChatClient, question: str = "Show me Docker") -> Any:
    return client.stream("threads.create", metadata=CAN_OPEN, input=user_input(question))


def test_the_answer_goes_on_when_the_client_reports_back(serve: Serve, api: str) -> None:
    with MockOpenAI([OPEN, Text("I opened it.")]) as mock:
        client = serve(**model(mock, api))
        asked = ask(client)
        assert asked.errors == []
        call = as_sent(asked)[-1]
        assert (call["type"], call["status"], call["name"]) == (
            "client_tool_call",
            "pending",
            "open_page",
        )
        assert call["arguments"] == {"url": "/docs/guide/install#docker", "heading": "Docker"}
        thread_id = asked.thread.id
        assert client.list_items(thread_id) == as_sent(asked)

        answered = client.stream(
            "threads.add_client_tool_output", thread_id=thread_id, result={"opened": True}
        )
        assert answered.answer.content[0].text == "I opened it."
        items = client.list_items(thread_id)
        assert [item["type"] for item in items] == [
            "user_message",
            "client_tool_call",
            "assistant_message",
        ]
        assert (items[1]["status"], items[1]["output"]) == ("completed", {"opened": True})
        again = client.request("threads.add_client_tool_output", thread_id=thread_id, result=1)
        assert again.status_code == 409
        mock.assert_complete()
    assert '{\\"opened\\": true}' in json.dumps(mock.requests[-1].json)


def test_only_pages_of_the_index_are_opened(serve: Serve, api: str) -> None:
    script: list[Step] = [
        Call("open_page", {"url": "https://evil.example/docs/guide/install"}),
        Call("open_page", {"url": "javascript:alert(1)"}),
        Call("open_page", {"url": "/docs/guide/install", "heading": "Nonsense"}),
        Text("There is no such page."),
    ]
    with MockOpenAI(script) as mock:
        asked = ask(serve(**model(mock, api)))
        mock.assert_complete()
    assert [item["type"] for item in as_sent(asked)] == ["user_message", "assistant_message"]
    assert "Docker" in json.dumps(mock.requests[-1].json), "the model is told the headings"


def test_the_tool_is_offered_to_clients_that_have_it(serve: Serve, api: str) -> None:
    with MockOpenAI([Text("One."), Text("Two.")]) as mock:
        client = serve(**model(mock, api))
        client.ask("Show me Docker")
        ask(client, "Show me the page on Docker")
    without, with_it = ("open_page" in json.dumps(request.json) for request in mock.requests)
    assert (without, with_it) == (False, True)


def test_a_next_message_leaves_an_open_call_behind(serve: Serve, api: str) -> None:
    with MockOpenAI([OPEN, Text("Run the image.")]) as mock:
        client = serve(**model(mock, api))
        asked = ask(client)
        answered = client.ask("Never mind, tell me", thread_id=asked.thread.id)
    assert answered.answer.content[0].text == "Run the image."
