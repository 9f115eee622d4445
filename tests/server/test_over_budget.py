"""A budget that is spent, as a reader's client meets it; and that money is the mock's count."""

import time

import anyio
import pytest
from fastapi import FastAPI

from server.app import create_app
from server.limits.budgets import ESTIMATED_READ, ESTIMATED_WRITTEN
from server.limits.prices import MICRO, Price
from server.settings import ServerSettings
from store.threads.audit import read_audit_log
from store.threads.engine import open_thread_store
from tests.mock_openai import Call, MockOpenAI, Pause, Reply, Step, Text
from tests.server.serving import ChatClient, running, user_input
from tests.server.test_chatkit_models import model

OTHER_QUESTION = "How often is a job that fails tried again?"
READER = {"X-Forwarded-For": "203.0.113.5"}
PRICE = Price(read=2.0, written=8.0)
ESTIMATE = PRICE.of(read=ESTIMATED_READ, written=ESTIMATED_WRITTEN)


def application(settings: ServerSettings, mock: MockOpenAI, **changes: object) -> FastAPI:
    """Serve with a dollar amount that holds one estimate, and no more."""
    priced = {
        "money_per_month": f"all:{ESTIMATE / MICRO}",
        "model_prices": f"model-1:{PRICE.read}/{PRICE.written}",
    }
    return create_app(settings.model_copy(update={**model(mock, "responses"), **priced, **changes}))


async def audited(settings: ServerSettings) -> list[object]:
    async with open_thread_store(settings.resolved_database_url) as threads:
        return [entry.details["code"] async for entry in read_audit_log(threads, event="limit_hit")]


@pytest.mark.parametrize("over_budget", ["refuse", "quote"])
def test_a_notice_says_when_it_renews(settings: ServerSettings, over_budget: str) -> None:
    script: list[Step] = [
        Reply((Call("search_docs", {"query": "Docker"}),), input_tokens=300, output_tokens=20),
        Reply((Text("Run the image [1]."),), input_tokens=2_000, output_tokens=60),
    ]
    with MockOpenAI(script) as mock:
        app = application(settings, mock, over_budget=over_budget)
        with running(app) as url:
            client = ChatClient(url)
            client.http.headers.update(READER)
            within = client.ask("How do I use Docker?")
            events = list(client.events("threads.create", input=user_input(OTHER_QUESTION)))
            recording = {"audio_base64": "AAAA", "mime_type": "audio/webm"}
            dictated = client.request("input.transcribe", **recording)
            spent = anyio.run(app.state.gate.budgets.spent, "money", "all", "all")
            client.close()
        mock.assert_complete()
    assert within.errors == []
    # With the 11 and 7 tokens of the title.
    assert spent == PRICE.of(read=2_311, written=87), "as the model has reported it"
    assert spent < ESTIMATE
    [notice] = [event for event in events if event.type == "notice"]
    assert notice.level == "warning"
    assert "It renews on 1 " in notice.message
    assert "UTC" in notice.message
    done = [event.item for event in events if event.type == "thread.item.done"]
    answers = [item.content[0].text for item in done if item.type == "assistant_message"]
    if over_budget == "quote":
        [answer] = answers
        assert answer.startswith("Here is what the docs say, word for word:")
        assert "No language model" not in answer
        assert "tried again up to `MAX_RETRIES` times" in answer
    else:
        assert answers == []
        assert events[-1].type != "error"
    assert dictated.status_code == 429
    assert dictated.json()["error"]["code"] == "over_budget"
    assert int(dictated.headers["Retry-After"]) > 0
    assert anyio.run(audited, settings) == ["over_budget"]


def test_an_answer_that_is_cut_counts_as_the_estimate(settings: ServerSettings) -> None:
    with MockOpenAI([Text("One", Pause(), "two")]) as mock:
        app = application(settings, mock)
        with running(app) as url:
            client = ChatClient(url)
            client.http.headers.update(READER)
            for event in client.events("threads.create", input=user_input("How do I use Docker?")):
                if event.type == "thread.item.updated":
                    break
            client.close()
            mock.release()
            while app.state.streams.running:
                time.sleep(0.02)
            spent = anyio.run(app.state.gate.budgets.spent, "money", "all", "all")
    assert spent == ESTIMATE
