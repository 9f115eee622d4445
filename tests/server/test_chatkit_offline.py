"""The whole path without any key: a real server, the real engines, the offline answerer."""

import pytest

from server.settings import ServerSettings
from store.errors import IndexUnavailableError
from store.index.edge import EdgeIndex
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, as_sent, user_input


@pytest.fixture
def client(new_reader: ChatClient) -> ChatClient:
    return new_reader


def test_a_question_is_answered_with_citations_that_lead_to_the_heading(client: ChatClient) -> None:
    answered = client.ask("How do I run Gromit in Docker?")
    assert answered.types[:3] == ["thread.created", "thread.item.done", "stream_options"]
    assert answered.errors == []
    assert answered.progress[1] == "Searching the docs for “How do I run Gromit in Docker?”"
    [content] = answered.answer.content
    assert "docker run gromit/gromit:2" in content.text
    assert content.annotations
    urls = [getattr(annotation.source, "url", "") for annotation in content.annotations]
    assert "/docs/guide/install#docker" in urls
    assert all(0 <= (a.index or 0) <= len(content.text) for a in content.annotations)
    [card] = answered.cards
    assert list(answered.items) == [
        next(iter(answered.items)),
        card.id,
        answered.answer.id,
    ], "the Card stands between question and answer"
    for url in set(urls):
        assert url in card.model_dump_json()


def test_what_was_streamed_is_what_is_stored(client: ChatClient) -> None:
    answered = client.ask("When are failed jobs tried again? 🙂")
    assert answered.thread is not None
    assert client.list_items(answered.thread.id) == as_sent(answered)
    again = client.ask("And where do they end up?", thread_id=answered.thread.id)
    assert client.list_items(answered.thread.id) == as_sent(answered) + as_sent(again)


def test_the_thread_is_there_after_a_restart(serve: Serve) -> None:
    answered = serve().ask("How do I upgrade?")
    assert answered.thread is not None
    client = serve()
    thread = client.request("threads.get_by_id", thread_id=answered.thread.id).json()
    [listed] = client.request("threads.list").json()["data"]
    assert "metadata" not in thread
    assert "metadata" not in listed
    assert thread["title"] == "How do I upgrade?"
    assert thread["created_at"].endswith("Z")
    assert thread["items"]["data"] == as_sent(answered)


def test_what_the_docs_do_not_say_is_said_to_be_missing(client: ChatClient) -> None:
    answered = client.ask("Which wine goes with asparagus risotto?")
    assert answered.errors == []
    assert answered.answer.content[0].annotations == []
    assert answered.cards == []


def test_a_retry_answers_again_without_doubling_the_question(client: ChatClient) -> None:
    answered = client.ask("How do I upgrade?")
    assert answered.thread is not None
    question = next(iter(answered.items))
    again = client.stream(
        "threads.retry_after_item", thread_id=answered.thread.id, item_id=question
    )
    items = client.list_items(answered.thread.id)
    assert [item["id"] for item in items] == [question, *again.items]
    assert again.answer.id != answered.answer.id


def test_feedback_is_accepted_twice(client: ChatClient) -> None:
    answered = client.ask("How do I upgrade?")
    assert answered.thread is not None
    for kind in ("negative", "positive", "positive"):
        response = client.request(
            "items.feedback",
            thread_id=answered.thread.id,
            item_ids=[answered.answer.id],
            kind=kind,
        )
        assert response.json() == {}


def test_threads_are_listed_renamed_and_deleted(client: ChatClient) -> None:
    thread = client.ask("How do I upgrade?").thread
    assert thread is not None
    renamed = client.request("threads.update", thread_id=thread.id, title="Upgrading")
    assert renamed.json()["title"] == "Upgrading"
    [listed] = client.request("threads.list").json()["data"]
    assert listed["title"] == "Upgrading"
    assert client.request("threads.delete", thread_id=thread.id).json() == {}
    assert client.request("threads.list").json()["data"] == []


@pytest.mark.parametrize(
    ("type_", "params"),
    [
        ("threads.get_by_id", {}),
        ("threads.update", {"title": "Mine"}),
        ("threads.delete", {}),
        ("threads.add_user_message", {"input": user_input("Hello?")}),
        ("threads.add_client_tool_output", {"result": 1}),
        ("threads.add_structured_input", {"item_id": "$item", "input": {}}),
        ("threads.retry_after_item", {"item_id": "$item"}),
        ("items.list", {}),
        ("items.feedback", {"item_ids": ["$item"], "kind": "positive"}),
    ],
)
def test_another_readers_thread_is_a_missing_one(
    client: ChatClient, type_: str, params: dict[str, object]
) -> None:
    theirs = client.ask("How do I upgrade?")
    assert theirs.thread is not None
    before = client.list_items(theirs.thread.id)
    stranger = ChatClient(str(client.http.base_url), key="stranger-0123456789-012345")

    def answer(thread_id: str, item_id: str) -> tuple[int, str]:
        filled = {
            name: item_id if value == "$item" else [item_id] if value == ["$item"] else value
            for name, value in params.items()
        }
        response = stranger.request(type_, thread_id=thread_id, **filled)
        return response.status_code, response.text

    status, text = answer(theirs.thread.id, theirs.answer.id)
    assert status == 404
    assert (status, text) == answer("thr_missing", "msg_missing")
    stranger.close()
    assert client.list_items(theirs.thread.id) == before


def test_ready_tells_what_is_served(client: ChatClient, settings: ServerSettings) -> None:
    assert client.http.get("/health").json() == {"status": "ok"}
    ready = client.http.get("/ready").json()
    assert ready["status"] == "ready"
    assert ready["index"]["pages"] == 3


def test_an_index_that_fails_is_not_ready_though_its_pages_are_known(
    client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(index: EdgeIndex, path: str) -> None:
        raise IndexUnavailableError("Qdrant Edge", "told to fail")

    assert client.http.get("/entities").json()["entities"]
    monkeypatch.setattr(EdgeIndex, "page", fail)
    response = client.http.get("/ready")
    assert response.status_code == 503
    assert response.json()["problems"] == {"index": "unavailable"}


def test_only_the_allowed_sites_may_call(serve: Serve) -> None:
    client = serve(allowed_origins=("https://docs.example.com",))
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    for origin, allowed in (("https://docs.example.com", True), ("https://evil.example", False)):
        response = client.http.options("/chatkit", headers={"Origin": origin, **preflight})
        assert (response.headers.get("access-control-allow-origin") == origin) is allowed


def test_a_silent_stream_is_kept_open_with_comments(serve: Serve) -> None:
    client = serve(heartbeat_seconds=0.001)
    body = {"type": "threads.create", "params": {"input": user_input("How do I upgrade?")}}
    assert ": ping\n\n" in client.http.post("/chatkit", json=body).text
