from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import openai
import pytest
from agents import Agent, RunConfig, Runner, RunResultStreaming, function_tool
from agents.models.fake_id import FAKE_RESPONSES_ID
from agents.models.interface import Model
from pydantic import SecretStr

from server.agent.models import open_model
from server.agent.offline import OfflineModel
from server.settings import ServerSettings
from tests.mock_openai import Call, Failure, MockOpenAI, RecordedRequest, Reply, Step, Text

APIS = ["responses", "chat"]


def settings(**values: object) -> ServerSettings:
    return ServerSettings.model_validate({"openai_model": "small", **values})


@asynccontextmanager
async def serving(
    steps: Iterable[Step], api: str, **values: object
) -> AsyncIterator[tuple[MockOpenAI, Model]]:
    with MockOpenAI(steps) as mock:
        chosen = settings(openai_base_url=mock.base_url, openai_api=api, **values)
        async with open_model(chosen) as model:
            yield mock, model
    mock.assert_complete()


@function_tool
def search_docs(query: str) -> str:
    """Search the docs."""
    return f"found: {query}"


def start(model: Model) -> RunResultStreaming:
    agent = Agent(name="docs", model=model, tools=[search_docs])
    return Runner.run_streamed(agent, "How?", run_config=RunConfig(tracing_disabled=True))


async def text_deltas(result: RunResultStreaming) -> list[str]:
    return [
        event.data.delta
        async for event in result.stream_events()
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    ]


def authorization(request: RecordedRequest) -> str:
    return request.headers["authorization"]


@pytest.mark.parametrize("api", APIS)
async def test_an_endpoint_calls_a_tool_and_answers_in_deltas(api: str) -> None:
    steps: list[Step] = [Call("search_docs", {"query": "how"}), Text("Like ", "this [1].")]
    async with serving(steps, api) as (mock, model):
        result = start(model)
        deltas = await text_deltas(result)

    assert "".join(deltas) == "Like this [1]."
    assert result.final_output == "Like this [1]."
    assert [request.json["model"] for request in mock.requests] == ["small", "small"]
    assert "found: how" in str(mock.requests[1].json)
    path = "/responses" if api == "responses" else "/chat/completions"
    assert {request.path for request in mock.requests} == {path}


async def test_chat_completions_items_have_ids_of_their_own() -> None:
    ids: list[dict[str, set[str]]] = []
    async with serving([Text("One"), Text("Two")], "chat") as (_, model):
        for _ in range(2):
            ids.append({"item": set(), "response": set()})
            async for event in start(model).stream_events():
                if event.type != "raw_response_event":
                    continue
                match event.data.model_dump():
                    case {"item_id": str(item_id)} | {"item": {"id": str(item_id)}}:
                        ids[-1]["item"].add(item_id)
                    case {"response": {"id": str(response_id), "output": output}}:
                        ids[-1]["response"].add(response_id)
                        ids[-1]["item"].update(item["id"] for item in output)

    for kind in ("item", "response"):
        [first], [second] = (answer[kind] for answer in ids)
        assert first != second
        assert FAKE_RESPONSES_ID not in {first, second}


async def test_several_items_of_one_chat_answer_keep_apart() -> None:
    both = Reply((Text("Wait."), Call("search_docs", {"query": "how"})))
    async with serving([both, Text("So.")], "chat") as (_, model):
        result = start(model)
        await text_deltas(result)

    ids = [item.id for response in result.raw_responses for item in response.output]
    assert len(set(ids)) == 3
    assert FAKE_RESPONSES_ID not in ids


async def test_an_unstreamed_chat_answer_has_an_id_of_its_own() -> None:
    async with serving([Text("One"), Text("Two")], "chat") as (_, model):
        agent = Agent(name="docs", model=model)
        config = RunConfig(tracing_disabled=True)
        answers = [await Runner.run(agent, "How?", run_config=config) for _ in range(2)]

    [[first], [second]] = [answer.raw_responses[0].output for answer in answers]
    assert first.id != second.id
    assert FAKE_RESPONSES_ID not in {first.id, second.id}


@pytest.mark.parametrize("api", APIS)
async def test_the_key_is_sent_and_an_endpoint_of_ones_own_needs_none(api: str) -> None:
    async with serving([Text("a")], api) as (mock, model):
        await text_deltas(start(model))
        assert authorization(mock.requests[0]).startswith("Bearer ")
    async with serving([Text("a")], api, openai_api_key=SecretStr("sk-1")) as (mock, model):
        await text_deltas(start(model))
        assert authorization(mock.requests[0]) == "Bearer sk-1"


@pytest.mark.parametrize("api", APIS)
async def test_a_busy_endpoint_is_asked_again(api: str) -> None:
    busy = Failure(429, headers={"retry-after-ms": "1"})
    async with serving([busy, Text("Now.")], api) as (mock, model):
        result = start(model)
        await text_deltas(result)

    assert result.final_output == "Now."
    assert len(mock.requests) == 2


@pytest.mark.parametrize("api", APIS)
async def test_a_refusal_is_an_api_error_at_once(api: str) -> None:
    async with serving([Failure(401)], api) as (_, model):
        with pytest.raises(openai.AuthenticationError):
            await text_deltas(start(model))


async def test_without_key_and_endpoint_the_offline_model_answers() -> None:
    async with open_model(settings(openai_api_key=None, openai_base_url="")) as model:
        assert isinstance(model, OfflineModel)


async def test_the_connections_are_closed_at_the_end() -> None:
    with MockOpenAI([Text("a")]) as mock:
        async with open_model(settings(openai_base_url=mock.base_url)) as model:
            await text_deltas(start(model))
        with pytest.raises(RuntimeError, match="client has been closed"):
            await text_deltas(start(model))
