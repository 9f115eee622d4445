"""Rule C26 and hostile bodies: nothing of another reader's leaks, and nothing makes a 5xx."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from chatkit.types import ChatKitReq

from server.settings import ServerSettings
from tests.contract.chatkit_server import DATABASES, Backend, database_url, offline_backend
from tests.server.serving import ChatClient, user_input

QUESTION = "How often is a job that fails tried again?"


@pytest.fixture(scope="module", params=DATABASES)
def backend(
    request: pytest.FixtureRequest, index_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backend]:
    url = database_url(request.param, tmp_path_factory.mktemp("threads"))
    settings = ServerSettings(index_dir=index_dir, database_url=url, duplicate_seconds=0)
    with offline_backend(settings) as backend:
        yield backend


class Owned:
    """What one reader has; `none` is what nobody has."""

    def __init__(self, client: ChatClient) -> None:
        answered = client.ask(QUESTION)
        assert answered.thread is not None
        self.thread = answered.thread.id
        self.question, self.card, self.answer = answered.items
        created = client.request(
            "attachments.create", name="a.log", mime_type="text/plain", size=5
        ).json()
        client.http.post(created["upload_descriptor"]["url"], content=b"hello")
        self.attachment = created["id"]


class Nobody:
    thread = "thr_none"
    question = card = answer = "msg_none"
    attachment = "atc_none"


def requests_about(owned: Owned | Nobody) -> dict[str, list[dict[str, Any]]]:
    """Return requests of every type that names a thread, item or attachment."""
    thread = {"thread_id": owned.thread}
    attached = {**user_input("Hello?"), "attachments": [owned.attachment]}
    action = {"action": {"type": "more_sources"}, **thread}
    return {
        "threads.get_by_id": [thread],
        "threads.create": [{"input": attached}],
        "threads.list": [{"after": owned.thread}],
        "threads.add_user_message": [{**thread, "input": user_input("Hello?")}],
        "threads.add_client_tool_output": [{**thread, "result": 1}],
        "threads.add_structured_input": [{**thread, "item_id": owned.card, "input": {}}],
        "threads.custom_action": [{**action, "item_id": owned.card}, action],
        "threads.sync_custom_action": [{**action, "item_id": owned.card}, action],
        "threads.retry_after_item": [{**thread, "item_id": owned.question}],
        "items.feedback": [
            {**thread, "item_ids": [owned.answer], "kind": "positive"},
            {**thread, "item_ids": [], "kind": "positive"},
        ],
        "attachments.delete": [{"attachment_id": owned.attachment}],
        "items.list": [thread, {**thread, "after": owned.answer}],
        "threads.update": [{**thread, "title": "Mine"}],
        "threads.delete": [thread],
    }


# Requests that name nothing that anybody has.
UNRELATED = {"attachments.create", "input.transcribe"}


def request_types() -> set[str]:
    union = get_args(get_args(ChatKitReq)[0])
    return {member.model_fields["type"].default for member in union}


def test_every_request_type_is_in_the_matrix() -> None:
    assert request_types() == set(requests_about(Nobody())) | UNRELATED


def test_c26_what_another_reader_has_is_missing(backend: Backend) -> None:
    owner, stranger = backend.client(), backend.client()
    owned = Owned(owner)
    before = snapshot(owner, owned)
    theirs, missing = requests_about(owned), requests_about(Nobody())
    for type_ in sorted(theirs):
        for asked, control in zip(theirs[type_], missing[type_], strict=True):
            outcomes = [stranger.request(type_, **params) for params in (asked, control)]
            found, expected = ((one.status_code, one.text) for one in outcomes)
            assert found == expected, type_
            assert found[0] in {400, 404}, type_
    assert snapshot(owner, owned) == before


def test_c26_items_of_another_thread_of_ones_own_are_missing_too(backend: Backend) -> None:
    client = backend.client()
    first, second = Owned(client), Owned(client)
    for type_, params in (
        ("threads.retry_after_item", {"item_id": first.question}),
        ("items.feedback", {"item_ids": [first.answer], "kind": "negative"}),
        ("threads.custom_action", {"item_id": first.card, "action": {"type": "rephrase"}}),
        ("threads.add_structured_input", {"item_id": first.card, "input": {}}),
    ):
        assert client.request(type_, thread_id=second.thread, **params).status_code == 404, type_


def snapshot(client: ChatClient, owned: Owned) -> list[Any]:
    return [
        client.request("threads.get_by_id", thread_id=owned.thread).json(),
        client.list_items(owned.thread),
        client.http.get(f"/attachments/{owned.attachment}").content,
    ]


DEEP = {
    "lists": "[" * 50_000 + "]" * 50_000,
    "objects": '{"a":' * 20_000 + "1" + "}" * 20_000,
    "never closed": "[" * 100_000,
}


@pytest.mark.parametrize("deep", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize(
    "template",
    [
        "{deep}",
        '{{"type": "threads.add_client_tool_output", "params": '
        '{{"thread_id": "t", "result": {deep}}}}}',
        '{{"type": "threads.list", "params": {{}}, "metadata": {{"x": {deep}}}}}',
    ],
)
def test_deep_json_is_refused_early(backend: Backend, template: str, deep: str) -> None:
    client = backend.client()
    response = client.http.post("/chatkit", content=template.format(deep=deep))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_request")


def test_json_of_moderate_depth_is_taken(backend: Backend) -> None:
    nested = "[" * 20 + "]" * 20
    body = f'{{"type": "threads.list", "params": {{}}, "metadata": {{"x": {nested}, "y": "[[["}}}}'
    assert backend.client().http.post("/chatkit", content=body).status_code == 200


@pytest.mark.parametrize(
    "title", ["", "x" * 100_000, "\0", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_titles_are_kept_or_refused(backend: Backend, title: str) -> None:
    client = backend.client()
    owned = Owned(client)
    response = client.request("threads.update", thread_id=owned.thread, title=title)
    assert response.status_code in {200, 400}
    assert client.request("threads.list").status_code == 200
