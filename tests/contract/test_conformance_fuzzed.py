"""Made-up bodies and requests: none makes a failure of the server, or shows what one would.

The slow variant sends ten thousand of them in all.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from server.app import create_app
from server.settings import ServerSettings
from tests.contract.chatkit_server import DATABASES, Backend, database_url, offline_backend
from tests.contract.test_conformance_hostile import Owned, request_types
from tests.server.serving import ChatClient, user_input


def quickly_and_slowly(quick: int, slow: int) -> pytest.MarkDecorator:
    """Give a test the number of its examples; the slow ones are shared out to the databases."""
    many = pytest.param(slow // len(DATABASES), marks=[pytest.mark.slow, pytest.mark.timeout(900)])
    return pytest.mark.parametrize("count", [quick, many])


def by_examples(count: int) -> examples:
    return examples(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", params=DATABASES)
def backend(
    request: pytest.FixtureRequest, index_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backend]:
    url = database_url(request.param, tmp_path_factory.mktemp("threads"))
    settings = ServerSettings(index_dir=index_dir, database_url=url, duplicate_seconds=0)
    with offline_backend(settings) as backend:
        yield backend


@pytest.fixture(scope="module")
def client(backend: Backend) -> ChatClient:
    """Return the one reader of all examples: a reader each would be a connection each."""
    return backend.client()


@pytest.fixture(scope="module")
def owned(client: ChatClient) -> dict[str, str]:
    """Return ids that the reader has, by the words that stand for them in a made-up body."""
    owned = Owned(client)
    return {
        "@thread": owned.thread,
        "@question": owned.question,
        "@card": owned.card,
        "@answer": owned.answer,
        "@attachment": owned.attachment,
    }


OWNED = st.sampled_from(["@thread", "@question", "@card", "@answer", "@attachment"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | OWNED
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = (
    *("thread_id", "item_id", "item_ids", "after", "limit", "order", "kind", "title", "input"),
    *("action", "result", "attachment_id", "name", "size", "mime_type", "audio_base64"),
)
ids = OWNED | st.sampled_from(["thr_none", "", "\0", "x" * 300, "../..", "' OR 1=1 --", "💥"])
messages = st.builds(
    lambda text, fields: {**user_input(text), **fields},
    st.text(max_size=9),
    st.fixed_dictionaries(
        {},
        optional={
            "attachments": st.lists(ids, max_size=3),
            "quoted_text": st.text(max_size=9) | anything,
            "inference_options": anything,
            "content": st.lists(
                st.fixed_dictionaries(
                    {
                        "type": st.sampled_from(["input_text", "input_tag"]),
                        "text": st.text(max_size=9),
                        "id": ids,
                        "data": anything,
                        "interactive": st.booleans(),
                    }
                ),
                max_size=3,
            ),
        },
    ),
)
submissions = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["answered", "skipped"]),
        "answers": st.dictionaries(
            st.text(max_size=8),
            st.fixed_dictionaries({}, optional={"values": st.lists(st.text(max_size=9))}),
            max_size=2,
        ),
    },
)
plausible = {
    "thread_id": ids,
    "item_id": ids,
    "item_ids": st.lists(ids, max_size=3),
    "after": ids,
    "attachment_id": ids,
    "limit": st.integers(),
    "order": st.sampled_from(["asc", "desc"]),
    "kind": st.sampled_from(["positive", "negative"]),
    "title": st.text(max_size=30),
    "input": messages | submissions | st.just({}),
    "action": st.fixed_dictionaries(
        {
            "type": st.sampled_from(["more_sources", "rephrase", "ask"]) | st.text(max_size=9),
            "payload": anything,
        }
    ),
    "size": st.integers(),
    "mime_type": st.sampled_from(["text/plain", "image/png", "audio/webm", "a/b", ""]),
}
params = st.lists(st.sampled_from(NAMES), max_size=7, unique=True).flatmap(
    lambda chosen: st.fixed_dictionaries(
        {name: plausible.get(name, st.text(max_size=20)) | anything for name in chosen}
    )
)
# A thread that is there makes more of the request be read.
about_owned = params.map(lambda made: {**made, "thread_id": "@thread"})
bodies = st.fixed_dictionaries(
    {
        "type": st.sampled_from(sorted(request_types())) | st.text(max_size=9),
        "params": params | about_owned,
    },
    optional={"metadata": anything},
)


@quickly_and_slowly(60, 6_000)
def test_no_body_makes_a_failure_of_the_server(
    client: ChatClient, owned: dict[str, str], count: int
) -> None:
    @by_examples(count)
    @given(body=bodies)
    def check(body: dict[str, Any]) -> None:
        content = json.dumps(body)
        for word, id_ in owned.items():
            content = content.replace(f'"{word}"', f'"{id_}"')
        response = client.http.post("/chatkit", content=content.encode("utf-8", "replace"))
        assert response.status_code < 500, body
        assert "Traceback" not in response.text
        assert '"type":"error"' not in response.text

    check()
    assert client.request("threads.list").status_code == 200


@quickly_and_slowly(40, 1_000)
def test_no_bytes_make_a_failure_of_the_server(client: ChatClient, count: int) -> None:
    @by_examples(count)
    @given(content=st.binary(max_size=300))
    def check(content: bytes) -> None:
        assert client.http.post("/chatkit", content=content).status_code == 400

    check()


def operations() -> list[Any]:
    """Return the HTTP routes as their schema has them."""
    schema = schemathesis.openapi.from_dict(create_app(ServerSettings()).openapi())
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


@quickly_and_slowly(30, 3_000)
def test_no_request_to_any_route_makes_a_failure_of_the_server(
    backend: Backend, client: ChatClient, count: int
) -> None:
    known = operations()
    assert {operation.path for operation in known} >= {"/chatkit", "/attachments", "/entities"}
    headers = dict(client.http.headers)

    @by_examples(count)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(known))
        case = data.draw(operation.as_strategy())
        sent = {**headers, **{name: str(value) for name, value in (case.headers or {}).items()}}
        request = {
            "headers": sent,
            "params": case.query,
            "content": data.draw(st.binary(max_size=200)) if operation.method == "post" else None,
        }
        response = client.http.request(operation.method, case.formatted_path, **request)
        assert response.status_code < 500, (operation.path, request)
        assert "Traceback" not in response.text

    check()
