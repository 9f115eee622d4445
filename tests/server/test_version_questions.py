"""A question that several versions answer equally well is asked back, once, and then answered."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from anyio import to_thread
from chatkit.types import StructuredInputItem, StructuredInputSubmission

from ingest.__main__ import app as ingest
from server.chat.chat import DocsChatServer
from server.settings import ServerSettings
from tests.command_line import run_here
from tests.contract.reducer import StreamReducer
from tests.mock_openai import Call, MockOpenAI, Step, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, as_sent, user_input
from tests.server.test_chatkit_models import model

DOCS = {
    "index.md": "# Gromit\n\nGromit is a job queue for small teams. The company sits in Bern.\n",
    "1.x/retries.md": "# Retries\n\nHow often a job that fails is tried again is set in the file "
    "`gromit.ini`: a failed job is tried again up to `MAX_RETRIES` times.\n",
    "2.x/retries.md": "# Retries\n\nHow often a job that fails is tried again is set in the file "
    "`gromit.toml`: a failed job is tried again until it is `retry.for` hours old.\n",
    "1.x/install.md": "# Install\n\nInstall it with your package manager. It needs Redis.\n",
    "2.x/docker.md": "# Docker\n\nRun the published image to use Gromit in Docker.\n",
}
QUESTION = "How often is a job that fails tried again?"


@pytest.fixture(scope="module")
def versioned_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ingested(DOCS, tmp_path_factory.mktemp("versioned"))


def ingested(pages: dict[str, str], folder: Path, *options: str) -> Path:
    for path, text in pages.items():
        (folder / "docs" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / path).write_text(text, encoding="utf-8")
    index = folder / "footnote" / "index"
    # In a thread of its own: tests of the widget have an event loop in theirs.
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(
            run_here, ingest, str(folder / "docs"), "--index", str(index), *options
        ).result()
    assert done.returncode == 0, done.stderr
    return index


@pytest.fixture
def settings(settings: ServerSettings, versioned_index: Path) -> ServerSettings:
    return settings.model_copy(update={"index_dir": versioned_index})


def asked_back(answered: StreamReducer) -> StructuredInputItem:
    item = list(answered.items.values())[-1]
    assert isinstance(item, StructuredInputItem), item
    return item


def submit(
    client: ChatClient, item: StructuredInputItem, *values: str, status: str = "answered"
) -> StreamReducer:
    """Submit an answer; the fold knows the question, which the stream replaces."""
    reducer = StreamReducer()
    reducer.items[item.id] = item
    for event in client.events(
        "threads.add_structured_input",
        thread_id=item.thread_id,
        item_id=item.id,
        input={"status": status, "answers": {"version": {"values": list(values)}}},
    ):
        reducer.apply(event)
    return reducer


def types(client: ChatClient, thread_id: str) -> list[str]:
    return [item["type"] for item in client.list_items(thread_id)]


def text_of(answered: StreamReducer) -> str:
    return answered.answer.content[0].text


def test_c21_the_answer_goes_on_in_the_version_that_is_chosen(client: ChatClient) -> None:
    asked = client.ask(QUESTION)
    assert not asked.errors
    item = asked_back(asked)
    assert (item.status, item.inputs[0].question) == ("pending", "Which version?")
    assert item.inputs[0].type == "multiple_choice"
    assert [option.value for option in item.inputs[0].options] == ["2.x", "1.x"]
    assert "2.x and 1.x" in text_of(asked), "a client without structured input shows this"
    assert client.list_items(item.thread_id) == as_sent(asked)

    answered = submit(client, item, "1.x", "2.x")
    assert answered.types[:2] == ["stream_options", "thread.item.replaced"]
    assert "gromit.ini" in text_of(answered)
    assert "gromit.toml" not in text_of(answered)
    stored = client.list_items(item.thread_id)
    assert [entry["type"] for entry in stored] == [
        "user_message",
        "assistant_message",
        "structured_input",
        "widget",
        "assistant_message",
    ]
    assert stored[2]["status"] == "answered"
    assert stored[2]["inputs"][0]["answer"] == {"values": ["1.x"], "skipped": False}
    again = client.request(
        "threads.add_structured_input", thread_id=item.thread_id, item_id=item.id, input={}
    )
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_pending")
    assert client.list_items(item.thread_id) == stored


def test_c21_of_two_submissions_at_once_on_two_replicas_one_counts(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, apply = threading.Barrier(2), DocsChatServer._apply_structured_input_submission

    async def apply_together(
        self: DocsChatServer, form: StructuredInputItem, submission: StructuredInputSubmission
    ) -> StructuredInputItem:
        answered = await apply(self, form, submission)
        # Each has found the question to be open before either has stored its answer.
        await to_thread.run_sync(both.wait, 10)
        return answered

    monkeypatch.setattr(DocsChatServer, "_apply_structured_input_submission", apply_together)
    replicas = [serve(), serve()]
    item = asked_back(replicas[0].ask(QUESTION))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(submit, replicas, (item, item), ("1.x", "2.x")))
    [refused] = [answer for answer in answers if answer.errors]
    [answered] = [answer for answer in answers if not answer.errors]
    [error] = refused.errors
    assert (error.message, error.allow_retry) == ("This question is not open any more.", False)
    stored = replicas[0].list_items(item.thread_id)
    assert stored[-2:] == as_sent(answered)[-2:]
    assert len(stored) == 5
    [chosen] = stored[2]["inputs"][0]["answer"]["values"]
    assert {"1.x": "gromit.ini", "2.x": "gromit.toml"}[chosen] in text_of(answered)


def test_c21_a_thread_is_asked_once_and_keeps_its_version(client: ChatClient) -> None:
    item = asked_back(client.ask(QUESTION))
    submit(client, item, "1.x")
    follow_up = client.ask(f"{QUESTION} Once more.", thread_id=item.thread_id)
    assert "gromit.ini" in text_of(follow_up)


@pytest.mark.parametrize(
    ("values", "status"), [(["1.x"], "skipped"), ([], "answered"), (["whatever"], "answered")]
)
def test_c21_what_names_no_version_is_answered_from_all_and_not_asked_again(
    client: ChatClient, values: list[str], status: str
) -> None:
    item = asked_back(client.ask(QUESTION))
    answered = submit(client, item, *values, status=status)
    assert "tried again" in text_of(answered)
    assert types(client, item.thread_id)[-1] == "assistant_message"
    again = client.ask(QUESTION, thread_id=item.thread_id)
    assert "tried again" in text_of(again)


@pytest.mark.parametrize("said", ["version 2", "2.x", "I use v2"])
def test_c21_the_next_message_may_answer_it(client: ChatClient, said: str) -> None:
    asked = client.ask(QUESTION)
    item = asked_back(asked)
    reducer = StreamReducer()
    reducer.items = dict(asked.items)
    for event in client.events(
        "threads.add_user_message", thread_id=item.thread_id, input=user_input(said)
    ):
        reducer.apply(event)
    assert "gromit.toml" in text_of(reducer)
    assert client.list_items(item.thread_id) == as_sent(reducer)
    assert client.list_items(item.thread_id)[2]["status"] == "answered"


def test_c21_another_question_passes_it_over(client: ChatClient) -> None:
    asked = client.ask(QUESTION)
    item = asked_back(asked)
    for event in client.events(
        "threads.add_user_message",
        thread_id=item.thread_id,
        input=user_input("How do I run Gromit in Docker, please?"),
    ):
        asked.apply(event)
    assert "published image" in text_of(asked)
    assert client.list_items(item.thread_id)[2]["status"] == "skipped"


def test_a_free_answer_may_name_the_version(client: ChatClient) -> None:
    answered = submit(client, asked_back(client.ask(QUESTION)), "the old one, 1.4")
    assert "gromit.ini" in text_of(answered)


@pytest.mark.parametrize(
    "question",
    [
        "How often is a job that fails tried again in version 2?",
        "How do I run Gromit in Docker?",
        "Where does the company sit?",
        "Which wine goes with risotto?",
    ],
)
def test_what_is_not_open_is_not_asked(client: ChatClient, question: str) -> None:
    answered = client.ask(question)
    assert isinstance(list(answered.items.values())[-1].type, str)
    assert as_sent(answered)[-1]["type"] == "assistant_message"


def test_the_page_that_the_reader_is_on_names_the_version(client: ChatClient) -> None:
    answered = client.stream(
        "threads.create",
        input=user_input(QUESTION),
        metadata={"page_url": "https://docs.example.com/docs/1.x/install/"},
    )
    assert "gromit.ini" in text_of(answered)


def test_the_setting_switches_it_off(serve: Serve) -> None:
    answered = serve(ask_version=False).ask(QUESTION)
    assert as_sent(answered)[-1]["type"] == "assistant_message"


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_a_model_is_told_the_choice_and_searches_the_version(serve: Serve, api: str) -> None:
    search = Call("search_docs", {"query": QUESTION})
    script: list[Step] = [
        search,
        search,
        Text("Up to three times [1]."),
        search,
        Text("For a day [1]."),
    ]
    with MockOpenAI(script) as mock:
        client = serve(**model(mock, api))
        item = asked_back(client.ask(QUESTION))
        answered = submit(client, item, "1.x")
        other = client.ask("And in v2?", thread_id=item.thread_id)
        mock.assert_complete()
    assert text_of(answered) == "Up to three times."
    chosen = json.dumps(mock.requests[2].json)
    assert "said: 1.x" in chosen
    assert ("gromit.ini" in chosen, "gromit.toml" in chosen) == (True, False)
    assert text_of(other) == "For a day."
    named = json.dumps(mock.requests[4].json)
    assert ("gromit.ini" in named, "gromit.toml" in named) == (False, True)


def test_a_model_that_names_the_version_asks_nothing(serve: Serve) -> None:
    search = Call("search_docs", {"query": QUESTION, "version": "2.x"})
    with MockOpenAI([search, Text("For a day [1].")]) as mock:
        answered = serve(**model(mock, "responses")).ask(QUESTION)
    assert text_of(answered) == "For a day."


def test_products_side_by_side_are_asked_about_like_versions(serve: Serve, tmp_path: Path) -> None:
    pages = {
        path.replace("1.x/", "server/").replace("2.x/", "cloud/"): text
        for path, text in DOCS.items()
    }
    index = ingested(pages, tmp_path, "--version-pattern", "^(server|cloud)/")
    client = serve(index_dir=index)
    asked = client.ask(QUESTION)
    item = asked_back(asked)
    assert item.inputs[0].question == "Which one?"
    assert item.inputs[0].type == "multiple_choice"
    assert {option.value for option in item.inputs[0].options} == {"server", "cloud"}
    assert "version" not in text_of(asked)
    answered = submit(client, item, "cloud")
    assert "gromit.toml" in text_of(answered)
    assert "gromit.ini" not in text_of(answered)
    named = client.ask("How often is a job that fails tried again in the cloud?")
    assert "gromit.toml" in text_of(named)
