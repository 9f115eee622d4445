"""Calls of the model that fail over real HTTP, before and after the first token."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from email.utils import formatdate

import openai
import pytest
from agents import Agent, RawResponsesStreamEvent, RunConfig, Runner
from agents.exceptions import AgentsException
from agents.models.interface import Model
from openai.types.responses import ResponseTextDeltaEvent

from server.agent import retrying
from server.agent.models import open_model
from server.settings import ServerSettings
from tests.mock_openai import Failure, MockOpenAI, Pause, Raw, Reply, Reset, Step, Text, Thought

FAILURES = (openai.APIError, AgentsException)
NOTHING = Reply((), end="cut")
HALF = Reply((Text("The first half"),), end="cut")


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that were to be waited; nothing waits for longer than a moment."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(retrying, "sleep", sleep)
    return waited


@pytest.fixture(params=["responses", "chat"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def serving(
    steps: Iterable[Step], api: str, **values: object
) -> AsyncIterator[tuple[MockOpenAI, Model]]:
    with MockOpenAI(steps) as mock:
        settings = ServerSettings.model_validate(
            {"openai_base_url": mock.base_url, "openai_api": api, "openai_model": "m", **values}
        )
        async with open_model(settings) as model:
            yield mock, model
    mock.assert_complete()


async def said(model: Model, deltas: list[str]) -> None:
    result = Runner.run_streamed(
        Agent(name="docs", model=model), "How?", run_config=RunConfig(tracing_disabled=True)
    )
    async for event in result.stream_events():
        match event:
            case RawResponsesStreamEvent(data=ResponseTextDeltaEvent(delta=delta)):
                deltas.append(delta)


def in_seconds(seconds: int) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


async def test_what_fails_before_the_first_token_is_asked_again(
    api: str, waits: list[float]
) -> None:
    failures: list[Step] = [
        Failure(429),
        Failure(500),
        Failure(503),
        Failure(408),
        Reset(),
        NOTHING,
        Reply((Text(),), end="cut"),
        Reply((Text(),), end="failed"),
        Reply((Text(Raw('{"type": "response.output_te')),)),
        Reply((Text(Raw("[]")),)),
    ]
    steps = [step for failure in failures for step in (failure, failure, Text("Now", "."))]
    async with serving(steps, api) as (mock, model):
        for number, failure in enumerate(failures, start=1):
            waits.clear()
            deltas: list[str] = []
            await said(model, deltas)
            assert "".join(deltas) == "Now.", failure
            assert len(mock.requests) == 3 * number, failure
            first, second = waits
            assert 0.375 <= first <= 0.5, failure
            assert 0.75 <= second <= 1.0, failure


async def test_the_endpoint_says_how_long_to_wait(api: str, waits: list[float]) -> None:
    asked = [
        ({"retry-after": "7"}, 7, 7),
        ({"retry-after": "1.5"}, 1.5, 1.5),
        ({"retry-after-ms": "250"}, 0.25, 0.25),
        ({"retry-after": "0"}, 0, 0),
        ({"retry-after": in_seconds(20)}, 15, 20),
        ({"retry-after": "soon"}, 0.375, 0.5),
    ]
    steps: list[Step] = []
    for headers, _, _ in asked:
        steps += [Failure(429, headers=headers), Text("Now.")]
    async with serving(steps, api) as (_, model):
        for headers, at_least, at_most in asked:
            waits.clear()
            await said(model, [])
            [waited] = waits
            assert at_least <= waited <= at_most, headers


async def test_what_would_fail_again_fails_at_once(api: str, waits: list[float]) -> None:
    failures = [
        Failure(400),
        Failure(401),
        Failure(404),
        Failure(429, code="insufficient_quota"),
        Failure(500, headers={"x-should-retry": "false"}),
        Failure(429, headers={"retry-after": "91"}),
    ]
    async with serving(failures, api) as (_, model):
        for failure in failures:
            with pytest.raises(openai.APIStatusError) as raised:
                await said(model, [])
            assert raised.value.status_code == failure.status
    assert waits == []


@pytest.mark.parametrize(
    ("values", "requests"), [({"model_retries": 1}, 2), ({"model_retries": 0}, 1)]
)
async def test_the_number_is_bounded(values: dict[str, int], requests: int, api: str) -> None:
    async with serving([Failure(503)] * requests, api, **values) as (mock, model):
        with pytest.raises(openai.InternalServerError):
            await said(model, [])
    assert len(mock.requests) == requests


async def test_the_time_is_bounded(api: str) -> None:
    async with serving([Failure(503)], api, model_retry_seconds=0.3) as (mock, model):
        with pytest.raises(openai.InternalServerError):
            await said(model, [])
    assert len(mock.requests) == 1


async def test_nothing_is_repeated_after_the_first_token(api: str) -> None:
    broken = [
        HALF,
        Reply((Text("The first half"),), end="failed"),
        Reply((Text("The first half", Raw('{"type": ')),)),
        Reply((Thought("Let me", " see."),), end="cut"),
    ]
    async with serving(broken, api) as (_, model):
        for reply in broken:
            deltas: list[str] = []
            with pytest.raises(FAILURES):
                await said(model, deltas)
            assert deltas == ([] if isinstance(reply.output[0], Thought) else ["The first half"])


async def test_silence_is_a_failure_before_the_first_token_and_after(api: str) -> None:
    silent: list[Step] = [Text(Pause(), "Late."), Text("So far", Pause(), " and late.")]
    deltas: list[str] = []
    async with serving(silent, api, model_timeout_seconds=0.2) as (mock, model):
        with pytest.raises(openai.APITimeoutError):
            await said(model, deltas)
        mock.release()
    assert deltas == ["So far"]


async def test_an_endpoint_that_is_not_there_fails_in_the_end(waits: list[float]) -> None:
    with MockOpenAI() as mock:
        gone = mock.base_url
    async with open_model(ServerSettings(openai_base_url=gone)) as model:
        with pytest.raises(openai.APIConnectionError):
            await said(model, [])
    assert len(waits) == 2


async def test_answers_in_one_piece_are_repeated_too(api: str) -> None:
    async with serving([Reset(), Failure(500), Text("Now.")], api) as (_, model):
        agent = Agent(name="docs", model=model)
        result = await Runner.run(agent, "How?", run_config=RunConfig(tracing_disabled=True))
    assert result.final_output == "Now."
