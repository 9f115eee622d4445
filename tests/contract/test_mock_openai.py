"""The mock server speaks to the real clients as OpenAI does."""

import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest
from agents import Agent, Model, ModelSettings, RunConfig, Runner, function_tool
from agents import OpenAIChatCompletionsModel as ChatModel
from agents import OpenAIResponsesModel as ResponsesModel
from openai import APIError, AsyncOpenAI, BadRequestError, RateLimitError
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.mock_openai import Call, Failure, MockOpenAI, Pause, RecordedRequest, Reply, Text

# Without include_usage the Chat Completions model counts nothing in a stream.
PLAIN_RUN = RunConfig(tracing_disabled=True, model_settings=ModelSettings(include_usage=True))
QUESTION = "What is a section?"
Connect = Callable[[MockOpenAI], AsyncOpenAI]


@pytest.fixture
async def client_of() -> AsyncIterator[Connect]:
    clients: list[AsyncOpenAI] = []

    def connect(mock: MockOpenAI) -> AsyncOpenAI:
        client = AsyncOpenAI(base_url=mock.base_url, api_key="any", max_retries=0, timeout=30)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        await client.close()


@pytest.fixture
def searches() -> list[str]:
    return []


def agent_of(model: Model, searches: list[str]) -> Agent[None]:
    @function_tool
    def search_docs(query: str) -> str:
        """Search."""
        searches.append(query)
        return f"found {query}"

    return Agent(name="docs", model=model, tools=[search_docs])


async def data_lines(mock: MockOpenAI, path: str, body: Mapping[str, object]) -> list[str]:
    headers = {"Authorization": "Bearer any"}
    async with httpx.AsyncClient(headers=headers) as client:
        answer = await client.post(
            mock.base_url + path, json={**body, "model": "m", "stream": True}
        )
    return [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]


async def test_streamed_response_has_the_shape_of_the_sdk_types() -> None:
    with MockOpenAI([Reply((Text("Hel", "lo"), Call("search_docs", {"query": "x"})))]) as mock:
        lines = await data_lines(mock, "/responses", {"input": QUESTION})
    events = [json.loads(line) for line in lines]
    for event in events:
        # Strict: the client itself builds its objects without validating them.
        TypeAdapter[object](ResponseStreamEvent).validate_python(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]


async def test_streamed_chat_has_the_shape_of_the_sdk_types() -> None:
    body = {"messages": [{"role": "user", "content": QUESTION}]}
    reply = Reply((Text("Hel", "lo"), Call("search_docs", {"query": "x"})))
    with MockOpenAI([reply, reply]) as mock:
        *chunks, end = await data_lines(mock, "/chat/completions", body)
        usage = {"stream_options": {"include_usage": True}}
        *_, last, _ = await data_lines(mock, "/chat/completions", {**body, **usage})
    assert end == "[DONE]"
    parsed = [ChatCompletionChunk.model_validate_json(chunk, strict=True) for chunk in chunks]
    assert parsed[-1].choices[0].finish_reason == "tool_calls"
    assert all(chunk.usage is None for chunk in parsed)
    with_usage = ChatCompletionChunk.model_validate_json(last, strict=True)
    assert with_usage.choices == []
    assert with_usage.usage is not None
    assert with_usage.usage.total_tokens == 18


async def test_whole_answers_have_the_shape_of_the_sdk_types(client_of: Connect) -> None:
    reply = Reply((Text("Hel", "lo"), Call("search_docs", {"query": "x"})))
    with MockOpenAI([reply, reply]) as mock:
        raw = client_of(mock).with_raw_response
        response = await raw.responses.create(model="m", input=QUESTION)
        chat = await raw.chat.completions.create(
            model="m", messages=[{"role": "user", "content": QUESTION}]
        )
    assert Response.model_validate_json(response.text).output_text == "Hello"
    message = ChatCompletion.model_validate_json(chat.text, strict=True).choices[0].message
    assert message.content == "Hello"
    assert message.tool_calls is not None
    mock.assert_complete()


@pytest.mark.parametrize("kind", [ResponsesModel, ChatModel])
@pytest.mark.parametrize("streamed", [True, False])
async def test_agent_calls_its_tool_and_answers(
    kind: type[ResponsesModel] | type[ChatModel],
    streamed: bool,
    searches: list[str],
    client_of: Connect,
) -> None:
    with MockOpenAI([Call("search_docs", {"query": "sections"}), Text("A ", "part.")]) as mock:
        agent = agent_of(kind(model="m", openai_client=client_of(mock)), searches)
        deltas: list[str] = []
        if streamed:
            run = Runner.run_streamed(agent, QUESTION, run_config=PLAIN_RUN)
            async for event in run.stream_events():
                if event.type == "raw_response_event":
                    raw = event.data
                    if raw.type == "response.output_text.delta":
                        deltas.append(raw.delta)
            output, usage = run.final_output, run.context_wrapper.usage
        else:
            result = await Runner.run(agent, QUESTION, run_config=PLAIN_RUN)
            output, usage = result.final_output, result.context_wrapper.usage
    assert output == "A part."
    assert deltas == (["A ", "part."] if streamed else [])
    assert searches == ["sections"]
    assert usage.total_tokens == 36
    assert "found sections" in json.dumps(mock.requests[1].json)
    mock.assert_complete()


async def test_failures_reach_the_client_as_they_do_from_openai(client_of: Connect) -> None:
    failure = Failure(429, "Slow down.", code="rate_limit_exceeded", headers={"retry-after": "3"})
    with MockOpenAI([failure]) as mock, pytest.raises(RateLimitError) as caught:
        await client_of(mock).responses.create(model="m", input=QUESTION)
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.response.headers["retry-after"] == "3"
    mock.assert_complete()


async def read_text(client: AsyncOpenAI) -> AsyncIterator[str]:
    stream = await client.responses.create(model="m", input=QUESTION, stream=True)
    async for event in stream:
        if event.type == "response.output_text.delta":
            yield event.delta


async def test_cut_stream_loses_the_connection_after_its_deltas(client_of: Connect) -> None:
    received: list[str] = []

    async def read() -> None:
        async for delta in read_text(client_of(mock)):
            received.append(delta)  # noqa: PERF401 - what came before the cut must be kept.

    with MockOpenAI([Reply((Text("Hel"),), end="cut")]) as mock:
        with pytest.raises((APIError, httpx.RemoteProtocolError)):
            await read()
        assert mock.requests[0].closed.wait(30)
    assert received == ["Hel"]
    assert not mock.requests[0].finished


async def test_failure_in_the_stream_of_chat_is_an_error_of_the_client(client_of: Connect) -> None:
    with MockOpenAI([Reply((Text("Hel"),), end="failed")]) as mock:
        stream = await client_of(mock).chat.completions.create(
            model="m", messages=[{"role": "user", "content": QUESTION}], stream=True
        )
        with pytest.raises(APIError, match="told to fail"):
            async for _ in stream:
                pass


async def test_client_that_leaves_a_held_stream_is_noticed(client_of: Connect) -> None:
    with MockOpenAI([Text("Hel", Pause(), "lo")]) as mock:
        client = client_of(mock)
        async for delta in read_text(client):
            assert delta == "Hel"
            await client.close()
            break
        assert mock.requests[0].closed.wait(30)
        assert not mock.requests[0].finished


async def test_release_lets_a_held_stream_go_on(client_of: Connect) -> None:
    with MockOpenAI([Text("Hel", Pause(), "lo")]) as mock:
        received = []
        async for delta in read_text(client_of(mock)):
            received.append(delta)
            mock.release()
        assert mock.requests[0].closed.wait(30)
        assert mock.requests[0].finished
    assert received == ["Hel", "lo"]


async def test_step_can_answer_by_the_request(client_of: Connect) -> None:
    def echo(request: RecordedRequest) -> Text:
        return Text(request.json["input"])

    with MockOpenAI([echo]) as mock:
        response = await client_of(mock).responses.create(model="m", input=QUESTION)
    assert response.output_text == QUESTION


async def test_refuses_what_openai_refuses(client_of: Connect) -> None:
    with MockOpenAI([Text("never")]) as mock:
        client = client_of(mock)
        with pytest.raises(BadRequestError, match="begins with 'msg'"):
            await client.responses.create(
                model="m",
                input=[
                    {
                        "type": "message",
                        "id": "__fake_id__",
                        "role": "assistant",
                        "status": "completed",
                        "content": [{"type": "output_text", "text": "x", "annotations": []}],
                    }
                ],
            )
        with pytest.raises(BadRequestError, match="No tool call found"):
            await client.responses.create(
                model="m",
                input=[{"type": "function_call_output", "call_id": "call_1", "output": "x"}],
            )
    with pytest.raises(AssertionError, match="refused"):
        mock.assert_complete()


async def test_steps_left_over_and_missing_are_failures(client_of: Connect) -> None:
    with MockOpenAI([Text("never")]) as mock:
        pass
    with pytest.raises(AssertionError, match="1 steps"):
        mock.assert_complete()
    with MockOpenAI() as empty, pytest.raises(BadRequestError, match="no step left"):
        await client_of(empty).responses.create(model="m", input=QUESTION)
    with pytest.raises(AssertionError, match="no step left"):
        empty.assert_complete()


async def test_embeddings_are_unit_vectors_near_for_shared_words(client_of: Connect) -> None:
    with MockOpenAI(embedding_failures=[Failure(503)]) as mock:
        client = client_of(mock)
        with pytest.raises(APIError):
            await client.embeddings.create(model="e", input="x")
        texts = ["install the package", "install the server", "rate limits"]
        answer = await client.embeddings.create(model="e", input=texts, dimensions=64)
        floats = await client.embeddings.create(
            model="e", input=texts[0], dimensions=64, encoding_format="float"
        )
    one, two, three = (item.embedding for item in answer.data)
    assert floats.data[0].embedding == pytest.approx(one)

    def cosine(left: list[float], right: list[float]) -> float:
        return sum(a * b for a, b in zip(left, right, strict=True))

    assert cosine(one, one) == pytest.approx(1)
    assert cosine(one, two) > cosine(one, three)


def test_server_is_gone_after_the_with_block() -> None:
    with MockOpenAI() as mock:
        port = int(mock.base_url.split(":")[2].split("/")[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
