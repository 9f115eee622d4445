"""A database that goes away: one clean error, and the next request works."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from tests.contract.postgres import StoppablePostgres
from tests.contract.reducer import StreamReducer
from tests.mock_openai import MockOpenAI, Pause, Text
from tests.server.conftest import Serve
from tests.server.serving import user_input


@pytest.fixture
def postgres() -> Iterator[StoppablePostgres]:
    server = StoppablePostgres()
    yield server
    server.close()


def test_postgres_restarts_in_the_middle_of_an_answer(
    serve: Serve, postgres: StoppablePostgres
) -> None:
    with MockOpenAI([Text("Half of an ", Pause(), "answer."), Text("A whole one.")]) as mock:
        client = serve(
            database_url=postgres.url,
            openai_api_key=SecretStr("sk-test"),
            openai_base_url=mock.base_url,
        )
        cut = StreamReducer()
        stopped = False
        for event in client.events("threads.create", input=user_input("What is Gromit?")):
            if event.type == "thread.item.updated" and not stopped:
                postgres.stop()
                stopped = True
                refused = client.request("threads.list")
                assert refused.status_code == 503
                assert refused.json()["error"]["code"] == "unavailable"
                assert client.http.get("/ready").status_code == 503
                mock.release()
            cut.apply(event)
        [error] = cut.errors
        assert error.allow_retry
        assert "postgres" not in str(error).lower()

        postgres.start()
        assert cut.thread is not None
        answered = client.ask("And what is a dead letter?", thread_id=cut.thread.id)
        assert not answered.errors
        assert answered.answer.content[0].text == "A whole one."
        kept = [item["type"] for item in client.list_items(cut.thread.id)]
    assert kept.count("user_message") == 2
    assert kept.count("assistant_message") == 1
