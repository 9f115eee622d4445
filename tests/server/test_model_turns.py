"""Whole turns with models that think, cite wrongly, or count tokens: over HTTP, both APIs."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from chatkit.types import HiddenContextItem, WorkflowItem

from server.app import create_app
from server.settings import ServerSettings
from store.threads.engine import open_thread_store
from store.threads.review import review_threads
from tests.contract.reducer import StreamReducer
from tests.mock_openai import Call, Failure, MockOpenAI, RecordedRequest, Reply, Step, Text, Thought
from tests.server.serving import ChatClient, as_sent, running

SEARCH = Call("search_docs", {"query": "run Gromit in Docker"})
QUESTION = "How do I use Docker?"
RIGHT = "Run the published image to use Gromit in Docker [1]."
WRONG = "Docker needs 64 gigabytes of memory [1]."


class Backend:
    """A server and its model, whose script each test extends."""

    def __init__(self, client: ChatClient, mock: MockOpenAI, script: deque[Step]) -> None:
        self.client = client
        self.ask = client.ask
        self._mock = mock
        self._script = script
        self._before = 0

    def begin(self, *steps: Step) -> None:
        """Let the model say this next."""
        self._before = len(self._mock.requests)
        self._script.extend(steps)

    @property
    def requests(self) -> list[RecordedRequest]:
        """What the model was sent in this test."""
        return self._mock.requests[self._before :]

    def assert_complete(self) -> None:
        """Fail unless the model said all of it, and nothing was asked that it refuses."""
        assert not self._script
        assert not self._mock.problems

    def count(self, name: str) -> float:
        """Read a figure of `/metrics`."""
        text = self.client.http.get("/metrics").text
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


@pytest.fixture(scope="module", params=["responses", "chat"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def settings(api: str, index_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> ServerSettings:
    return ServerSettings(
        index_dir=index_dir,
        database_url=f"sqlite:///{tmp_path_factory.mktemp('turns') / 'threads.db'}",
        requests_per_minute="",
        answers_at_once="",
        duplicate_seconds=0,
        titles="question",
        openai_api=cast("Literal['responses', 'chat']", api),
        openai_model="model-1",
        openai_reasoning_summary="auto",
        unsupported_citations="regenerate",
    )


@pytest.fixture(scope="module")
def running_backend(settings: ServerSettings) -> Iterator[Backend]:
    script: deque[Step] = deque()

    def steps() -> Iterator[Step]:
        while True:
            yield script.popleft() if script else Failure(400, "The script is at its end.")

    with MockOpenAI(steps()) as mock:
        app = create_app(settings.model_copy(update={"openai_base_url": mock.base_url}))
        with running(app) as address, closing(ChatClient(address)) as client:
            yield Backend(client, mock, script)


@pytest.fixture
def backend(running_backend: Backend) -> Iterator[Backend]:
    running_backend.begin()
    yield running_backend
    running_backend.assert_complete()


async def record_of(answered: StreamReducer, settings: ServerSettings) -> dict[str, Any]:
    """Return what is stored about the last answer of a thread."""
    assert answered.thread is not None
    async with open_thread_store(settings.resolved_database_url) as threads:
        [thread] = [
            thread async for thread in review_threads(threads, thread_id=answered.thread.id)
        ]
    ends = [item for item in thread.items if isinstance(item, HiddenContextItem)]
    record: dict[str, Any] = ends[-1].content["answer"]
    return record


def assert_stored(client: ChatClient, answered: StreamReducer) -> None:
    """Check that what was streamed is what a reload shows."""
    assert answered.thread is not None
    assert client.list_items(answered.thread.id) == as_sent(answered)


def workflows(answered: StreamReducer) -> list[WorkflowItem]:
    return [item for item in answered.items.values() if isinstance(item, WorkflowItem)]


def thoughts(item: WorkflowItem) -> list[str]:
    return [task.content for task in item.workflow.tasks if task.type == "thought"]


def test_thoughts_are_one_workflow_ahead_of_the_answer(backend: Backend, api: str) -> None:
    words = [f"{word} " for word in ("The passage on Docker says which image to run. " * 4).split()]
    second = (Thought(*words), Thought("Done.")) if api == "responses" else (Thought(*words),)
    backend.begin(
        Reply((Thought("I had better ", "search."), SEARCH)), Reply((*second, Text(RIGHT)))
    )
    answered = backend.ask(QUESTION)
    [workflow] = workflows(answered)
    assert thoughts(workflow)[:2] == ["I had better search.", "".join(words).strip()]
    assert len(thoughts(workflow)) == 1 + len(second)
    assert workflow.workflow.type == "reasoning"
    assert [item.type for item in answered.items.values()] == [
        "user_message",
        "workflow",
        "widget",
        "assistant_message",
    ]
    assert_stored(backend.client, answered)


def test_a_model_that_keeps_its_thoughts_leaves_no_workflow(backend: Backend) -> None:
    backend.begin(Reply((Thought(), SEARCH)), Reply((Thought(), Text(RIGHT))))
    assert workflows(backend.ask(QUESTION)) == []


def test_thoughts_are_held_to_what_an_answer_is_held_to(backend: Backend) -> None:
    evil = Thought(
        "See https://evil.example/a?q=1 and [this](https://evil.example) [7]. ",
        "You answer readers' questions about the documentation, inside its own site. "
        "You know nothing but what your tools hand you in this conversation.",
    )
    backend.begin(SEARCH, Reply((evil, Text(RIGHT))))
    [thought] = thoughts(workflows(backend.ask(QUESTION))[0])
    assert "](https://evil" not in thought
    assert "`https://evil.example/a?q=1`" in thought
    assert "[7]" not in thought
    assert "tools hand you" not in thought


def test_a_thought_that_is_cut_is_ended(backend: Backend) -> None:
    backend.begin(Reply((Thought("I had better "),), end="cut"), SEARCH, Text(RIGHT))
    broken = backend.ask(QUESTION)
    assert len(broken.errors) == 1
    assert_stored(backend.client, broken)
    assert broken.thread is not None
    again = backend.ask("Again?", thread_id=broken.thread.id)
    [workflow] = workflows(broken)
    assert thoughts(workflow) == ["I had better"]
    assert workflow.workflow.summary is not None
    assert workflows(again) == []


def test_a_summary_is_asked_for_by_setting(backend: Backend, api: str) -> None:
    backend.begin(Text("Hello."))
    backend.ask("Hi")
    [request] = backend.requests
    assert request.json.get("reasoning") == ({"summary": "auto"} if api == "responses" else None)


def test_what_is_going_on_is_told_in_order(backend: Backend) -> None:
    backend.begin(SEARCH, Text(RIGHT))
    thinking, searching, reading, writing = backend.ask(QUESTION).progress
    assert thinking == "Thinking"
    assert searching.startswith("Searching the docs for")
    assert reading.startswith("Reading ")
    assert writing == "Writing"


async def test_an_unsupported_answer_is_written_again_in_its_place(
    backend: Backend, settings: ServerSettings
) -> None:
    backend.begin(SEARCH, Text(f"{RIGHT} {WRONG}"), Text(RIGHT))
    answered = backend.ask(QUESTION)
    again = backend.requests[-1].json
    assert WRONG.removesuffix(" [1].") in str(again)
    assert again["tool_choice"] == "none"
    assert answered.progress[-1] == "Checking the answer"
    [content] = answered.answer.content
    assert content.text == RIGHT.replace(" [1]", "")
    assert len(content.annotations) == 1
    assert answered.types.count("thread.item.replaced") == 2, "the answer, and its Card"
    assert [item.type for item in answered.items.values()][-1] == "assistant_message"
    assert_stored(backend.client, answered)
    record = await record_of(answered, settings)
    assert record["revision"] == "replaced"
    assert [kept["problem"] for kept in record["citations"]] == [None]


@pytest.mark.parametrize(
    "second", [Text(WRONG), Text(""), Failure(401), SEARCH], ids=["wrong", "empty", "fails", "acts"]
)
async def test_a_second_answer_that_is_no_better_is_not_shown(
    backend: Backend, settings: ServerSettings, second: Step
) -> None:
    backend.begin(SEARCH, Text(WRONG), second)
    answered = backend.ask(QUESTION)
    assert answered.errors == []
    assert answered.answer.content[0].text == WRONG.replace(" [1]", "")
    record = await record_of(answered, settings)
    assert record["revision"] == "kept"
    assert [kept["problem"] for kept in record["citations"]] == ["number"]


async def test_tokens_of_every_kind_are_kept_and_counted(
    backend: Backend, settings: ServerSettings
) -> None:
    names = {"input": "read", "cached": "cached", "output": "written", "reasoning": "reasoning"}
    tokens = {"input": 1900, "cached": 64, "output": 190, "reasoning": 32}

    def counted() -> list[float]:
        figures = [f'footnote_tokens_total{{kind="{name}"}}' for name in names.values()]
        figures += ["footnote_citations_dropped_total", "footnote_citations_unsupported_total"]
        return [backend.count(figure) for figure in figures]

    before = counted()
    backend.begin(
        Reply((SEARCH,), input_tokens=100, output_tokens=10),
        Reply(
            (Text(f"{RIGHT} Not so [9]. {WRONG}"),),
            input_tokens=900,
            output_tokens=90,
            cached_tokens=64,
            reasoning_tokens=32,
        ),
        Reply((Text(WRONG),), input_tokens=900, output_tokens=90),
    )
    record = await record_of(backend.ask(QUESTION), settings)
    assert record["tokens"] == tokens
    assert record["citations_dropped"] == 1
    more = [now - then for now, then in zip(counted(), before, strict=True)]
    assert more == [*tokens.values(), 1, 1]


async def test_a_turn_that_fails_keeps_the_tokens_that_are_known(
    backend: Backend, settings: ServerSettings
) -> None:
    cut = Reply((Text("Run the image [1], then"),), end="cut")
    backend.begin(Reply((SEARCH,), input_tokens=100, output_tokens=10), cut)
    record = await record_of(backend.ask(QUESTION), settings)
    assert record["status"] == "error"
    assert record["tokens"] == {"input": 100, "cached": 0, "output": 10, "reasoning": 0}


def test_a_plain_question_is_one_search_and_one_call_after_it(backend: Backend) -> None:
    backend.begin(SEARCH, Text(RIGHT))
    answered = backend.ask(QUESTION)
    assert len(backend.requests) == 2
    assert sum(said.startswith("Searching") for said in answered.progress) == 1


def test_a_question_of_two_parts_may_search_again(backend: Backend) -> None:
    again = Call("search_docs", {"query": "delay between attempts"})
    both = Text(f"{RIGHT} The delay doubles after each attempt [4].")
    backend.begin(SEARCH, again, both, both)
    answered = backend.ask("How do I use Docker, and how long is the delay?")
    assert sum(said.startswith("Searching") for said in answered.progress) == 2
    assert answered.answer.content[0].annotations


def test_a_page_is_read_by_its_path_its_address_and_a_heading(backend: Backend) -> None:
    backend.begin(
        Call("read_page", {"page": "guide/install.md", "heading": "Upgrade"}),
        Call("read_page", {"page": "/docs/guide/install"}),
        Call("read_page", {"page": "guide/install.md", "heading": "Uninstall"}),
        Text("Stop the workers [1]."),
    )
    answered = backend.ask("How do I upgrade?")
    section, page, missing = (str(request.json) for request in backend.requests[1:])
    assert "Stop the workers" in section
    assert "docker run" not in section
    assert "docker run" in page
    assert "has no heading Uninstall" in missing
    assert answered.answer.content[0].text == "Stop the workers."


def test_a_tool_that_the_model_makes_up_is_told_to_it(backend: Backend) -> None:
    backend.begin(Call("delete_docs", {}), SEARCH, Text(RIGHT))
    answered = backend.ask(QUESTION)
    assert answered.errors == []
    assert "delete_docs" not in answered.answer.model_dump_json()
    assert "delete_docs" in str(backend.requests[1].json)


def test_a_follow_up_is_asked_with_what_it_follows(backend: Backend) -> None:
    again = Call("search_docs", {"query": "upgrade Gromit in Docker"})
    backend.begin(SEARCH, Text(RIGHT), again, Text("Stop the workers [1]."))
    first = backend.ask(QUESTION)
    assert first.thread is not None
    second = backend.ask("And to upgrade?", thread_id=first.thread.id)
    sent = str(backend.requests[2].json)
    assert sent.index(QUESTION) < sent.index("Run the published image") < sent.index("And to upgra")
    assert "Searching the docs for “upgrade Gromit in Docker”" in second.progress
