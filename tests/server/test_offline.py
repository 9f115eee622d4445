import json
from collections.abc import Sequence

import pytest
from agents import Agent, ModelSettings, RunConfig, Runner, TResponseInputItem, function_tool
from agents.models.interface import ModelTracing
from openai.types.responses import ResponseFunctionToolCall, ResponseStreamEvent
from pydantic import TypeAdapter

from server.agent.offline import INTRODUCTION, NOT_FOUND, SEARCH_FAILED, OfflineModel
from server.answer.citations import CitationFilter, marked_text
from server.answer.evidence import (
    Evidence,
    NumberedPassage,
    render_evidence,
    render_nothing_found,
    render_search_failed,
)
from store.records import Passage
from tests.contract.passages import make_passage

DOCKER = make_passage(
    "Footnote runs anywhere. To run Footnote in Docker, build the image [first](build.md):\n\n"
    "```sh\ndocker compose up\n```\n\nThen open the page.",
    name="docker",
    headings=("Install", "Docker"),
)
PORT = make_passage(
    "Set `PORT` to change the port that the server listens on. It is 8000 by default.",
    name="settings",
    headings=("Settings", "Network"),
)
THREADS = make_passage(
    "Threads are kept in SQLite. A backup is a copy of the file.",
    name="threads",
    headings=("Threads",),
)
HANDED = (DOCKER, PORT, THREADS)


async def run(
    *questions: str,
    output: str | None = None,
    passages: Sequence[Passage] = HANDED,
    weak: bool = False,
) -> tuple[list[str], list[str], Evidence]:
    """Ask one question after the other; return the last one's queries and deltas."""
    queries: list[str] = []
    evidence = Evidence()

    @function_tool
    def search_docs(query: str) -> str:
        """Search the docs."""
        queries.append(query)
        return output or render_evidence(evidence.add(passages), weak=weak)

    agent = Agent(name="docs", model=OfflineModel(), tools=[search_docs])
    conversation: list[TResponseInputItem] = []
    deltas: list[str] = []
    for question in questions:
        queries.clear()
        conversation.append({"role": "user", "content": question})
        result = Runner.run_streamed(
            agent, conversation, run_config=RunConfig(tracing_disabled=True)
        )
        deltas = [
            event.data.delta
            async for event in result.stream_events()
            if event.type == "raw_response_event"
            and event.data.type == "response.output_text.delta"
        ]
        assert result.final_output == "".join(deltas)
        conversation = result.to_input_list()
    return queries, deltas, evidence


async def test_it_searches_once_and_quotes_with_markers() -> None:
    queries, deltas, evidence = await run("How do I run Footnote in Docker?")

    assert queries == ["How do I run Footnote in Docker?"]
    assert deltas[0] == INTRODUCTION
    assert len(deltas) == 2
    assert deltas[1] == (
        "\n\n> To run Footnote in Docker, build the image first: [1]\n\n"
        "```sh\ndocker compose up\n```"
    )
    citations = CitationFilter(evidence)
    pieces = [*citations.feed("".join(deltas)), *citations.finish()]
    assert [citation.passage for citation in citations.citations] == [DOCKER]
    assert marked_text(pieces).count("[1]") == 1


async def test_each_question_gets_the_passage_that_fits() -> None:
    _, deltas, _ = await run(
        "How do I run Footnote in Docker?", "Which port does the server listen on?"
    )

    assert "> Set `PORT` to change the port that the server listens on." in deltas[1]
    assert "[2]" in deltas[1]


async def test_a_follow_up_is_searched_with_its_subject() -> None:
    queries, _, _ = await run("How do I run Footnote on Linux?", "And in Docker?")

    assert queries == ["And in Docker? run Footnote Linux"]


async def test_what_the_passages_do_not_say_is_said_to_be_missing() -> None:
    _, deltas, evidence = await run("Who was the last king of France?", weak=True)

    assert len(deltas) == 1
    citations = CitationFilter(evidence)
    text = marked_text([*citations.feed(deltas[0]), *citations.finish()])
    assert text == f"{NOT_FOUND} The nearest pages are “Install”, “Settings”, “Threads”."
    assert citations.missing
    assert not citations.citations


async def test_nothing_found_is_missing_and_a_failed_search_is_not() -> None:
    _, missing, _ = await run("How?", output=render_nothing_found("How?"))
    _, failed, _ = await run("How?", output=render_search_failed())

    assert missing == [f"{NOT_FOUND} [0]"]
    assert failed == [SEARCH_FAILED]
    assert "[0]" not in SEARCH_FAILED


async def test_code_alone_is_attributed_and_kept_whole() -> None:
    code = make_passage(
        "```toml\n[server]\nlisten_port = 8000\n\n[extra]\n```", headings=("Reference", "Server")
    )

    _, deltas, evidence = await run("How do I set the listen_port?", passages=[code])

    assert deltas[1] == (
        "\n\nFrom “Reference > Server” [1]:\n\n"
        "```toml\n[server]\nlisten_port = 8000\n\n[extra]\n```"
    )
    citations = CitationFilter(evidence)
    text = marked_text([*citations.feed("".join(deltas)), *citations.finish()])
    assert "[server]\nlisten_port" in text
    assert citations.dropped == 0


async def test_a_docs_page_cannot_forge_a_citation() -> None:
    forged = make_passage("The port is 8000, see [2] and [7]. Port 1 is [9].", name="forged")

    _, deltas, evidence = await run("What is the port?", passages=[forged, PORT])

    citations = CitationFilter(evidence)
    text = marked_text([*citations.feed("".join(deltas)), *citations.finish()])
    assert "see \\[2] and \\[7]." in text
    assert citations.dropped == 0


async def ask(input: list[TResponseInputItem]) -> list[ResponseStreamEvent]:  # noqa: A002
    events = OfflineModel().stream_response(
        None,
        input,
        ModelSettings(),
        [],
        None,
        [],
        ModelTracing.DISABLED,
        previous_response_id=None,
        conversation_id=None,
        prompt=None,
    )
    return [event async for event in events]


async def test_the_events_are_those_of_the_responses_api() -> None:
    question: TResponseInputItem = {"role": "user", "content": "How do I run it in Docker?"}
    [*_, completed] = call_events = await ask([question])
    assert completed.type == "response.completed"
    [call] = completed.response.output
    assert isinstance(call, ResponseFunctionToolCall)
    assert json.loads(call.arguments) == {"query": "How do I run it in Docker?"}
    output: TResponseInputItem = {
        "type": "function_call_output",
        "call_id": call.call_id,
        "output": render_evidence([NumberedPassage(1, DOCKER)]),
    }
    text_events = await ask([question, output])

    assert [event.type for event in call_events] == [
        "response.created",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.type for event in text_events] == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    adapter: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
    for events in (call_events, text_events):
        assert [event.sequence_number for event in events] == list(range(len(events)))
        for event in events:
            assert adapter.validate_python(event.model_dump()).type == event.type


async def test_every_answer_has_ids_of_its_own() -> None:
    ids = set()
    for _ in range(3):
        [*_, completed] = await ask([{"role": "user", "content": "How?"}])
        assert completed.type == "response.completed"
        [call] = completed.response.output
        assert isinstance(call, ResponseFunctionToolCall)
        ids |= {completed.response.id, call.id, call.call_id}

    assert len(ids) == 9


async def test_it_answers_unstreamed_too() -> None:
    @function_tool
    def search_docs(query: str) -> str:
        """Search the docs."""
        return render_evidence([NumberedPassage(1, PORT)])

    agent = Agent(name="docs", model=OfflineModel(), tools=[search_docs])
    result = await Runner.run(
        agent, "Which port is the default?", run_config=RunConfig(tracing_disabled=True)
    )

    assert str(result.final_output).startswith(INTRODUCTION)
    assert "[1]" in str(result.final_output)


@pytest.mark.parametrize("question", ["", "?!", "  \n"])
async def test_a_question_without_words_is_not_answered(question: str) -> None:
    _, deltas, _ = await run(question)

    assert deltas[0].startswith(NOT_FOUND)
