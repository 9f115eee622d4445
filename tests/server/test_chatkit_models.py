"""Answers of real model APIs over HTTP: Responses and Chat Completions, whole, cut and failing."""

import threading
import time

import pytest

from server.settings import ServerSettings
from tests.mock_openai import Call, Failure, MockOpenAI, Pause, Reply, Step, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, as_sent, user_input

SEARCH = Call("search_docs", {"query": "run Gromit in Docker"})


@pytest.fixture(params=["responses", "chat"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# The client waits before it sends a request again, unless it is told how long.
RETRY_NOW = {"retry-after-ms": "1"}


def model(mock: MockOpenAI, api: str) -> dict[str, object]:
    """Return the settings that make `mock` the model."""
    settings = ServerSettings(
        openai_api_key="sk-test", openai_base_url=mock.base_url, openai_model="model-1"
    )
    return {
        "openai_api_key": settings.openai_api_key,
        "openai_base_url": settings.openai_base_url,
        "openai_model": settings.openai_model,
        "openai_api": api,
    }


def test_an_answer_streams_with_checked_citations(serve: Serve, api: str) -> None:
    answer = Text("Run the image ", "[1", "], not [99]", " that. 🐳 [1].")
    with MockOpenAI([SEARCH, answer]) as mock:
        client = serve(**model(mock, api))
        answered = client.ask("How do I use Docker?")
        mock.assert_complete()
    [content] = answered.answer.content
    assert content.text == "Run the image, not that. 🐳."
    assert [annotation.index for annotation in content.annotations] == [13, 26]
    [card] = answered.cards
    shown = [child["type"] for child in card.model_dump()["widget"]["children"]]
    assert shown == ["Caption", "Box", "Row"], "the one source that was cited, and the actions"
    assert answered.thread is not None
    assert client.list_items(answered.thread.id) == as_sent(answered)


def test_ids_are_the_stores_own_and_unique(serve: Serve, api: str) -> None:
    script: list[Step] = [SEARCH, Text("One [1]."), SEARCH, Text("Two [1].")]
    with MockOpenAI(script) as mock:
        client = serve(**model(mock, api))
        first = client.ask("One?")
        assert first.thread is not None
        client.ask("Two?", thread_id=first.thread.id)
    ids = [item["id"] for item in client.list_items(first.thread.id)]
    assert len(set(ids)) == len(ids) == 6
    assert all(len(id_) > 30 for id_ in ids)


def test_the_model_sees_the_thread_and_no_widget(serve: Serve, api: str) -> None:
    with MockOpenAI([SEARCH, Text("Run the image [1]."), Text("Twice.")]) as mock:
        client = serve(**model(mock, api))
        first = client.ask("How do I use Docker?")
        assert first.thread is not None
        client.ask("How often?", thread_id=first.thread.id)
    sent = str(mock.requests[-1].json)
    assert "How do I use Docker?" in sent
    assert "Run the image." in sent
    assert "How often?" in sent
    assert "open_source" not in sent


def test_the_history_is_limited_and_begins_with_the_reader(serve: Serve, api: str) -> None:
    with MockOpenAI([Text(f"Answer {n}") for n in range(4)]) as mock:
        client = serve(**model(mock, api), history_items=4)
        thread = client.ask("Question 0").thread
        assert thread is not None
        for n in range(1, 4):
            client.ask(f"Question {n}", thread_id=thread.id)
    sent = str(mock.requests[-1].json)
    assert "Question 1" not in sent
    assert "Answer 1" not in sent
    assert "Question 2" in sent
    assert "Question 3" in sent


@pytest.mark.parametrize(
    ("failure", "allow_retry"),
    [
        (Failure(401), False),
        (Failure(404), False),
        (Failure(429, headers=RETRY_NOW), True),
        (Failure(500, headers=RETRY_NOW), True),
    ],
)
def test_a_failing_model_is_one_safe_sentence(
    serve: Serve, api: str, failure: Failure, allow_retry: bool
) -> None:
    with MockOpenAI([failure] * 4) as mock:
        answered = serve(**model(mock, api)).ask("How do I use Docker?")
    [error] = answered.errors
    assert error.allow_retry is allow_retry
    assert error.message
    assert "mock" not in error.message


def test_a_model_that_breaks_off_leaves_what_it_said(serve: Serve, api: str) -> None:
    cut = Reply((Text("Run the image [1], then"),), end="cut")
    with MockOpenAI([SEARCH, cut, SEARCH, Text("Run the image [1].")]) as mock:
        client = serve(**model(mock, api))
        broken = client.ask("How do I use Docker?")
        assert broken.thread is not None
        assert len(broken.errors) == 1
        assert client.list_items(broken.thread.id) == as_sent(broken)
        question = next(iter(broken.items))
        again = client.stream(
            "threads.retry_after_item", thread_id=broken.thread.id, item_id=question
        )
    assert again.answer.content[0].text == "Run the image."


def test_a_model_that_calls_without_end_is_stopped(serve: Serve, api: str) -> None:
    with MockOpenAI([SEARCH] * 3) as mock:
        answered = serve(**model(mock, api), max_turns=3).ask("How do I use Docker?")
    assert [error.allow_retry for error in answered.errors] == [True]


def test_broken_arguments_go_back_to_the_model(serve: Serve, api: str) -> None:
    with MockOpenAI([Call("search_docs", '{"quer'), SEARCH, Text("Run it [1].")]) as mock:
        answered = serve(**model(mock, api)).ask("How do I use Docker?")
        mock.assert_complete()
    assert answered.errors == []
    assert answered.answer.content[0].text == "Run it."


def test_a_reader_who_leaves_stops_the_model_and_keeps_what_was_said(
    serve: Serve, api: str
) -> None:
    endless = Text("The first half [1]. ", Pause(), "The second half.")
    with MockOpenAI([SEARCH, endless, Text("A new answer.")]) as mock:
        client = serve(**model(mock, api))
        leave_after_text(client, "How do I use Docker?")
        assert mock.requests[-1].closed.wait(30), "the model call goes on"
        assert not mock.requests[-1].finished
        thread_id = wait_for_partial_answer(client, "The first half.")
        mock.release()
        again = client.ask("Again?", thread_id=thread_id)
    assert again.answer.content[0].text == "A new answer."
    types = [item["type"] for item in client.list_items(thread_id)]
    assert types == [
        "user_message",
        "widget",
        "assistant_message",
        "user_message",
        "assistant_message",
    ]


def test_a_client_chooses_among_the_models_that_are_offered(serve: Serve, api: str) -> None:
    script: list[Step] = [SEARCH, Text("Run the image [1]."), Text("Again.")]
    with MockOpenAI(script) as mock:
        client = serve(**model(mock, api), openai_models=("model-2",))
        answered = client.stream("threads.create", input=choosing("Docker?", model="model-2"))
        assert answered.answer.content[0].text == "Run the image."
        assert answered.thread is not None
        client.ask("And now?", thread_id=answered.thread.id)
        refused = client.request("threads.create", input=choosing("Docker?", model="model-3"))
        mock.assert_complete()
    assert [request.json["model"] for request in mock.requests] == ["model-2", "model-2", "model-1"]
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "unknown_model"
    [message, *_] = client.list_items(answered.thread.id)
    assert message["inference_options"] == {"model": "model-2"}


def test_the_tool_that_a_client_chooses_is_called_first_and_once(serve: Serve, api: str) -> None:
    with MockOpenAI([SEARCH, Text("Run the image [1].")]) as mock:
        client = serve(**model(mock, api))
        searching = choosing("Docker?", tool_choice={"id": "search_docs"})
        client.stream("threads.create", input=searching)
        leaking = choosing("Docker?", tool_choice={"id": "rm"})
        refused = client.request("threads.create", input=leaking)
        mock.assert_complete()
    first, second = (request.json.get("tool_choice") for request in mock.requests)
    assert "search_docs" in str(first)
    assert "search_docs" not in str(second)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "unknown_tool"


def choosing(text: str, **options: object) -> dict[str, object]:
    return user_input(text) | {"inference_options": options}


def leave_after_text(client: ChatClient, question: str) -> None:
    """Drop the connection as soon as the first words of the answer are there."""
    stream = client.events("threads.create", input=user_input(question))
    for event in stream:
        if event.type == "thread.item.updated" and "first half" in event.model_dump_json():
            break
    stream.close()  # type: ignore[attr-defined]


def wait_for_partial_answer(client: ChatClient, text: str) -> str:
    """Wait until the partial answer is stored, and return the thread's id."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        [thread] = client.request("threads.list").json()["data"]
        items = client.list_items(thread["id"])
        if text in str(items[-1].get("content")):
            return str(thread["id"])
        threading.Event().wait(0.02)
    raise AssertionError("the partial answer was not stored")
