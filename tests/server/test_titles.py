"""Conversations are named by their first words at once, and by the model when it has a title."""

import json

import pytest

from server.settings import ServerSettings
from tests.mock_openai import Failure, MockOpenAI, Pause, Reply, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, user_input
from tests.server.test_chatkit_models import model

QUESTION = "How do I run Gromit in Docker when the image is on a registry of ours?"
FIRST_WORDS = "How do I run Gromit in Docker when the image is on a…"


@pytest.fixture(params=["responses", "chat"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def titles(client: ChatClient) -> list[str | None]:
    """Ask in a new thread, and return the titles that its stream tells."""
    events = list(client.events("threads.create", input=user_input(QUESTION)))
    assert not [event for event in events if event.type == "error"]
    return [event.thread.title for event in events if event.type == "thread.updated"]


def stored_title(client: ChatClient) -> str:
    [thread] = client.request("threads.list").json()["data"]
    return str(thread["title"])


def test_c13_the_model_names_the_conversation_in_the_same_stream(serve: Serve, api: str) -> None:
    with MockOpenAI([Text("Like so.")], title=Text("“Gromit in **Docker**.”\nMore")) as mock:
        client = serve(**model(mock, api))
        assert titles(client) == [FIRST_WORDS, "Gromit in **Docker"]
        assert stored_title(client) == "Gromit in **Docker"
        [request] = mock.title_requests
        assert QUESTION in json.dumps(request.json)
        assert not request.json.get("stream")
        client.ask("And then?", thread_id=client.request("threads.list").json()["data"][0]["id"])
        assert len(mock.title_requests) == 1


@pytest.mark.parametrize(
    "failing",
    [Failure(401), Text(""), Text("  \n"), Reply((Text("Gro"),), end="cut"), Text(FIRST_WORDS)],
)
def test_without_a_title_of_the_models_the_first_words_stay(
    serve: Serve, failing: Failure | Text | Reply
) -> None:
    with MockOpenAI([Text("Like so.")], title=failing) as mock:
        client = serve(model_retries=0, **model(mock, "responses"))
        assert titles(client) == [FIRST_WORDS]
        assert stored_title(client) == FIRST_WORDS


def test_a_slow_title_delays_no_text_and_is_given_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.chat.naming._WAIT_SECONDS", 0.05)
    with MockOpenAI([Text("Like so.")], title=Text(Pause(), "Too late")) as mock:
        client = serve(**model(mock, "responses"))
        events = [
            event.type for event in client.events("threads.create", input=user_input(QUESTION))
        ]
        assert events.count("thread.updated") == 1
        assert "thread.item.done" in events
        assert mock.title_requests[0].closed.wait(30), "the call goes on"
    assert stored_title(client) == FIRST_WORDS


def test_a_title_of_the_readers_own_stays(serve: Serve) -> None:
    with MockOpenAI([Text("Like ", Pause(), "so.")], title=Text(Pause(), "Gromit")) as mock:
        client = serve(**model(mock, "responses"))
        for event in client.events("threads.create", input=user_input(QUESTION)):
            if event.type == "thread.item.updated":
                [thread] = client.request("threads.list").json()["data"]
                client.request("threads.update", thread_id=thread["id"], title="Mine")
                mock.release()
    assert stored_title(client) == "Mine"


def test_a_failed_answer_has_a_title_all_the_same(serve: Serve) -> None:
    with MockOpenAI([Failure(401)], title=Failure(401)) as mock:
        client = serve(**model(mock, "responses"))
        assert client.ask(QUESTION).errors
    assert stored_title(client) == FIRST_WORDS


def test_the_setting_leaves_it_to_the_question(serve: Serve, settings: ServerSettings) -> None:
    assert settings.titles == "model"
    with MockOpenAI([Text("Like so.")], title=Text("Gromit")) as mock:
        client = serve(titles="question", **model(mock, "responses"))
        assert titles(client) == [FIRST_WORDS]
        assert mock.title_requests == []
