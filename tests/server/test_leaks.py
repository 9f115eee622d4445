"""Pages of certain roles and tenants: who gets to see which, on every way to a page."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from ingest.__main__ import app as ingest
from server.app import create_app
from server.settings import ServerSettings
from tests.command_line import run_here
from tests.contract.chatkit_server import Backend, scripted_backend
from tests.mock_openai import Call, Text
from tests.server.serving import ChatClient, running, user_input

SECRET = "b7e0d5a1c3f94826" * 4
QUESTION = "How do I rotate the signing key?"

# Each page's own word stands in its title, its text and its address.
AUDIENCES = {
    "openword": "",
    "staffword": "roles: [staff, admin]",
    "acmeword": "tenant: acme",
    "bothword": "roles: admin\ntenant: acme",
    "nobodyword": "roles: [broken",
}
ASKERS: dict[str, tuple[dict[str, Any] | None, set[str]]] = {
    "anonymous": (None, {"openword"}),
    "customer": ({"roles": ["viewer"]}, {"openword"}),
    "staff": ({"roles": ["staff"]}, {"openword", "staffword"}),
    "acme": ({"tenant": "acme"}, {"openword", "acmeword"}),
    "acme-admin": (
        {"tenant": "acme", "roles": ["admin"]},
        {"openword", "staffword", "acmeword", "bothword"},
    ),
    "other-admin": ({"tenant": "other", "roles": ["admin"]}, {"openword", "staffword"}),
    # A tenant is no role, nor the other way round.
    "confused": ({"tenant": "staff", "roles": ["acme", ""]}, {"openword"}),
}

QUICK = {"anonymous", "acme", "other-admin"}


def text_of(word: str, fields: str) -> str:
    front_matter = f"---\n{fields}\n---\n\n" if fields else ""
    return (
        f"{front_matter}# Rotate the signing key: {word}\n\n"
        f"To rotate the signing key, run `rotate --{word}` and then restart the {word} service.\n\n"
        f"## After you rotate the signing key ({word})\n\nTell the {word} team that it is done.\n"
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ServerSettings:
    docs = tmp_path_factory.mktemp("docs")
    for word, fields in AUDIENCES.items():
        (docs / f"{word}.md").write_text(text_of(word, fields))
    folder: Path = tmp_path_factory.mktemp("footnote")

    index = folder / "index"
    ingested = run_here(ingest, str(docs), "--index", str(index), "--json")
    assert json.loads(ingested.stdout)["restricted"] == 4
    return ServerSettings(
        index_dir=index,
        database_url=f"sqlite:///{folder / 'threads.db'}",
        auth=("jwt", "anonymous"),
        jwt_secret=SecretStr(SECRET),
        requests_per_minute="",
        answers_at_once="",
        # Two servers are asked the same question; it isn't a repeat.
        duplicate_seconds=0,
    )


@pytest.fixture(scope="module")
def offline(settings: ServerSettings) -> Iterator[str]:
    with running(create_app(settings)) as url:
        yield url


@pytest.fixture(scope="module")
def scripted(settings: ServerSettings) -> Iterator[Backend]:
    with scripted_backend(settings) as backend:
        yield backend


ClientOf = Callable[..., ChatClient]


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Return a function that makes the client of an asker."""
    with ExitStack() as stack:

        def make(url: str, asker: str, *, user: str = "") -> ChatClient:
            claims, _ = ASKERS[asker]
            key = f"{asker}-{user}-0123456789-0123456789"
            if claims is not None:
                signed = {"sub": user or asker, "exp": int(time.time()) + 300, **claims}
                key = jwt.encode(signed, SECRET, algorithm="HS256")
            client = ChatClient(url, key=key)
            stack.callback(client.close)
            return client

        yield make


def words_in(*shown: object) -> set[str]:
    """Return the pages of which anything is shown."""
    text = " ".join(piece if isinstance(piece, str) else json.dumps(piece) for piece in shown)
    return {word for word in AUDIENCES if word in text}


def stored(client: ChatClient, thread_id: str) -> list[dict[str, Any]]:
    return client.list_items(thread_id)


@pytest.mark.parametrize(
    "asker",
    [pytest.param(asker, marks=() if asker in QUICK else pytest.mark.slow) for asker in ASKERS],
)
class TestEachAsker:
    def test_answers_cards_and_questions(
        self, client_of: ClientOf, offline: str, asker: str
    ) -> None:
        client, allowed = client_of(offline, asker), ASKERS[asker][1]
        answered = client.ask(QUESTION)
        assert answered.thread is not None
        [card] = answered.cards
        shown = [words_in(stored(client, answered.thread.id))]
        for action in ("more_sources", "rephrase"):
            changed = client.request(
                "threads.sync_custom_action",
                thread_id=answered.thread.id,
                item_id=card.id,
                action={"type": action, "payload": {}},
            )
            shown.append(words_in(changed.text))
        assert set().union(*shown) == allowed
        assert words_in(client.request("threads.list").text) <= allowed

    def test_what_the_docs_do_not_say_names_no_other_page(
        self, client_of: ClientOf, offline: str, asker: str
    ) -> None:
        client, allowed = client_of(offline, asker), ASKERS[asker][1]
        answered = client.ask("Which key opens the wardrobe of Narnia?")
        assert answered.thread is not None
        assert words_in(stored(client, answered.thread.id)) <= allowed

    def test_mentions(self, client_of: ClientOf, offline: str, asker: str) -> None:
        client, allowed = client_of(offline, asker), ASKERS[asker][1]
        offered = client.http.get("/entities", params={"q": "rotate", "limit": 50}).json()
        assert words_in(offered) == allowed
        for word in AUDIENCES:
            tag = {"type": "input_tag", "id": f"{word}.md", "text": "a page", "data": {}}
            message = user_input("What does this page say?")
            message["content"].append({**tag, "interactive": False})
            answered = client.stream("threads.create", input=message)
            assert answered.thread is not None
            _, *answer = stored(client, answered.thread.id)
            assert words_in(answer) <= allowed
            assert (word in words_in(answer)) is (word in allowed)

    def test_the_site(self, client_of: ClientOf, offline: str, asker: str) -> None:
        http, allowed = client_of(offline, asker).http, ASKERS[asker][1]
        assert words_in(http.get("/").text) == allowed
        for word in AUDIENCES:
            for path in (f"/docs/{word}", f"/docs/{word}.md", f"/docs/{word}/"):
                page = http.get(path)
                assert page.status_code == (200 if word in allowed else 404)
                assert words_in(page.text) <= allowed
                if asker not in {"anonymous", "customer", "confused"} and page.is_success:
                    assert "private" in page.headers["cache-control"]

    def test_tools_of_a_model(self, client_of: ClientOf, scripted: Backend, asker: str) -> None:
        """It asks for everything by name, and writes links to all that it can think of."""
        client, allowed = client_of(scripted.url, asker), ASKERS[asker][1]
        assert scripted.mock is not None
        before = len(scripted.mock.requests)
        pages = [f"{word}.md" for word in AUDIENCES]
        addresses = [f"/docs/{word}" for word in AUDIENCES]
        links = " ".join(f"[a page]({address})" for address in addresses)
        scripted.script.extend(
            [
                Call("search_docs", {"query": QUESTION}),
                *(Call("read_page", {"page": page}) for page in pages[:3]),
                Text(f"See {links}."),
                *(Call("read_page", {"page": page}) for page in [*pages[3:], "/docs/bothword"]),
                Text("Done [1]."),
            ]
        )
        answered = client.ask(QUESTION)
        assert answered.thread is not None
        client.ask("And this?", thread_id=answered.thread.id)
        assert not scripted.script
        items = stored(client, answered.thread.id)
        assert words_in(items) <= allowed
        outputs = [
            item["output"]
            for request in scripted.mock.requests[before:]
            for item in request.json["input"]
            if item.get("type") == "function_call_output"
        ]
        assert {word for word in AUDIENCES if f"rotate --{word}" in json.dumps(outputs)} == allowed

    def test_pages_that_a_browser_is_to_open(
        self, client_of: ClientOf, scripted: Backend, asker: str
    ) -> None:
        client, allowed = client_of(scripted.url, asker), ASKERS[asker][1]
        for word in AUDIENCES:
            scripted.script.append(Call("open_page", {"url": f"/docs/{word}"}))
            if word not in allowed:
                scripted.script.append(Text("There is no such page."))
            answered = client.stream(
                "threads.create",
                metadata={"client_tools": ["open_page"]},
                input=user_input(f"Show me the page {word}"),
            )
            assert not scripted.script
            opened = [item for item in answered.items.values() if item.type == "client_tool_call"]
            assert bool(opened) is (word in allowed)


def test_who_loses_a_role_keeps_what_was_said_and_gets_no_more(
    client_of: ClientOf, offline: str
) -> None:
    """A conversation is its reader's; what is searched for counts by today's roles."""
    before = client_of(offline, "staff", user="ann")
    answered = before.ask(QUESTION)
    assert answered.thread is not None
    thread_id = answered.thread.id
    assert "staffword" in words_in(stored(before, thread_id))
    after = client_of(offline, "customer", user="ann")
    said = stored(after, thread_id)
    assert "staffword" in words_in(said)
    again = after.ask("And after I rotate it?", thread_id=thread_id)
    assert again.errors == []
    added = stored(after, thread_id)[len(said) :]
    assert words_in([item for item in added if item["type"] != "user_message"]) == {"openword"}
    [card] = answered.cards
    changed = after.request(
        "threads.sync_custom_action",
        thread_id=thread_id,
        item_id=card.id,
        action={"type": "rephrase", "payload": {}},
    )
    known = words_in([item for item in said if item["id"] == card.id])
    assert words_in(changed.text) <= known | {"openword"}
    assert (
        client_of(offline, "acme", user="ann")
        .request("threads.get_by_id", thread_id=thread_id)
        .status_code
        == 404
    ), "the same user of another tenant is someone else"
