"""A budget that is spent, as a reader's client meets it; and that money is the mock's count."""

import hashlib
import itertools
import random
import time

import anyio
import pytest
from fastapi import FastAPI

from server.app import create_app
from server.limits.budgets import ESTIMATED_READ, ESTIMATED_WRITTEN, Unit
from server.limits.gate import open_gate
from server.limits.prices import MICRO, Price
from server.limits.scopes import Scope
from server.settings import ServerSettings
from store.threads.audit import read_audit_log
from store.threads.engine import open_thread_store
from tests.contract.postgres import fresh_postgres
from tests.contract.redis_server import running_redis
from tests.mock_openai import Call, MockOpenAI, Pause, Reply, Step, Text
from tests.server.serving import ChatClient, running, user_input
from tests.server.test_chatkit_models import model

OTHER_QUESTION = "How often is a job that fails tried again?"
KEY = "reader-0123456789-0123456789"
READER_ID = f"reader_{hashlib.sha256(KEY.encode()).hexdigest()[:32]}"
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


def spent_by(app: FastAPI, unit: Unit, scope: Scope, key: str) -> int:
    """Read a sum where the application keeps it, by connections of this thread's own loop."""
    return anyio.run(_read_spent, app.state.settings, unit, scope, key)


async def _read_spent(settings: ServerSettings, unit: Unit, scope: Scope, key: str) -> int:
    async with (
        open_thread_store(settings.resolved_database_url) as threads,
        open_gate(settings, models=settings.offered_models, threads=threads) as gate,
    ):
        assert gate.budgets is not None
        return await gate.budgets.spent(unit, scope, key)


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
            spent = spent_by(app, "money", "all", "all")
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
            spent = spent_by(app, "money", "all", "all")
    assert spent == ESTIMATE


@pytest.mark.parametrize(
    "cuts", [8, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_reserved_and_settled_agree_after_streams_cut_anywhere(
    settings: ServerSettings, cuts: int
) -> None:
    """Each answer counts as the model reported it or, cut short, as the estimate."""
    chance = random.Random(7)
    deltas = [f"word{number} " for number in range(30)]
    reply = Reply((Text(*deltas),), input_tokens=1_000, output_tokens=100)
    with MockOpenAI(itertools.repeat(reply)) as mock:
        app = application(
            settings, mock, money_per_month="", tokens_per_day="all:1e12", titles="question"
        )
        with running(app) as url:
            for number in range(cuts):
                client = ChatClient(url, key=f"reader-{number}-0123456789-0123456789")
                client.http.headers.update(READER)
                events = client.events("threads.create", input=user_input(f"Question {number}?"))
                for _ in itertools.islice(events, chance.randrange(1, 20)):
                    pass
                client.close()
                while app.state.streams.running:
                    time.sleep(0.005)
            spent = spent_by(app, "tokens", "all", "all")
            endings = {
                sample.labels["ending"]: int(sample.value)
                for metric in app.state.metrics.registry.collect()
                for sample in metric.samples
                if sample.name == "footnote_answers_total"
            }
    cut = endings.get("cut", 0)
    assert cut > 0
    assert cut + endings.get("complete", 0) == cuts
    # One that is cut counts as the estimate; or as what it took, if only its end was cut off; or
    # as nothing, if the model had not been asked.
    rest = spent - endings.get("complete", 0) * 1_100
    assert any(
        rest == 1_100 * reported + (ESTIMATED_READ + ESTIMATED_WRITTEN) * estimated
        for reported in range(cut + 1)
        for estimated in range(cut + 1 - reported)
    )


@pytest.mark.slow
def test_two_servers_on_one_postgresql_and_one_redis_hold_one_limit(
    settings: ServerSettings,
) -> None:
    with MockOpenAI(itertools.repeat(Text("Yes."))) as mock, running_redis() as redis:
        shared: dict[str, object] = {
            "database_url": fresh_postgres(),
            "limits_url": redis,
            "requests_per_minute": "user:12",
            "answers_at_once": "user:2",
            "money_per_month": f"user:{3.5 * ESTIMATE / MICRO}",
            "titles": "question",
        }
        apps = [application(settings, mock, **shared) for _ in range(2)]
        with running(apps[0]) as one, running(apps[1]) as other:
            clients = [ChatClient(url, key=KEY) for url in (one, other)]
            for client in clients:
                client.http.headers.update(READER)
            thread = clients[0].ask("What is Gromit?").thread
            assert thread is not None
            # What one has stored the other reads, and counts on.
            assert clients[1].list_items(thread.id)
            taken = 2
            for number in range(20):
                response = clients[number % 2].request("threads.list")
                taken += response.is_success
                assert response.is_success or response.json()["error"]["code"] == "rate_limited"
            assert taken == 12
            spent = [spent_by(app, "money", "user", READER_ID) for app in apps]
            for client in clients:
                client.close()
    assert spent[0] == spent[1] == PRICE.of(read=11, written=7)
