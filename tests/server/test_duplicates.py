"""The same message sent twice within seconds is one, on whichever replica it arrives."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from server.chat import duplicates
from server.chat.duplicates import RepeatedMessages
from server.chat.turn_ends import turn_end
from server.context import RequestContext
from server.settings import ServerSettings
from store.threads.engine import open_thread_store
from store.threads.store import ThreadStore
from tests.contract.thread_items import a_message, a_thread
from tests.mock_openai import MockOpenAI, Pause, RecordedRequest, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, as_sent, user_input
from tests.server.test_chatkit_models import leave_after_text, model

QUESTION = "How do I upgrade?"

# Longer than any of these tests takes on a busy machine.
WITHIN = 60.0


def threads_of(client: ChatClient) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.request("threads.list").json()["data"]
    return listed


def test_a_repeated_question_gets_the_same_thread_and_answer(serve: Serve) -> None:
    first = serve(duplicate_seconds=WITHIN).ask(QUESTION)
    replica = serve(duplicate_seconds=WITHIN)
    second = replica.ask(QUESTION)
    assert first.thread is not None
    assert second.types[:3] == ["thread.created", "thread.item.done", "stream_options"]
    assert as_sent(second) == as_sent(first)
    assert [thread["id"] for thread in threads_of(replica)] == [first.thread.id]
    assert replica.list_items(first.thread.id) == as_sent(first)


def test_a_repeated_follow_up_is_one_too(serve: Serve) -> None:
    client = serve(duplicate_seconds=WITHIN)
    thread = client.ask(QUESTION).thread
    assert thread is not None
    answers = [client.ask("And with Docker?", thread_id=thread.id) for _ in range(2)]
    assert as_sent(answers[0]) == as_sent(answers[1])
    assert len(client.list_items(thread.id)) == 3 + len(answers[0].items)


def test_many_at_once_ask_the_model_once(serve: Serve) -> None:
    with MockOpenAI([Text("Stop the ", Pause(0.5), "workers.")]) as mock:
        client = serve(duplicate_seconds=WITHIN, **model(mock, "responses"))
        answers: list[Any] = []
        askers = [
            threading.Thread(target=lambda: answers.append(client.ask(QUESTION))) for _ in range(5)
        ]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        mock.assert_complete()
    texts = {answer.answer.content[0].text for answer in answers}
    assert (len(answers), texts) == (5, {"Stop the workers."})
    assert len({answer.answer.id for answer in answers}) == 1
    assert len(threads_of(client)) == 1


def test_what_broke_off_is_answered_again_in_its_place(serve: Serve) -> None:
    endless = Text("The first half is said. ", Pause(), "…")
    with MockOpenAI([endless, Text("Stop the workers.")]) as mock:
        client = serve(duplicate_seconds=WITHIN, **model(mock, "responses"))
        leave_after_text(client, QUESTION)
        again = client.ask(QUESTION)
    [thread] = threads_of(client)
    assert again.answer.content[0].text == "Stop the workers."
    assert client.list_items(thread["id"]) == as_sent(again)


def test_other_messages_and_other_readers_are_not_repeats(client: ChatClient) -> None:
    stranger = ChatClient(str(client.http.base_url), key="stranger-0123456789-012345")
    ids = [
        client.ask(QUESTION).answer.id,
        client.ask("How do I upgrade").answer.id,
        stranger.ask(QUESTION).answer.id,
    ]
    stranger.close()
    assert len(set(ids)) == 3
    assert len(threads_of(client)) == 2


def test_the_same_message_later_is_a_new_one(serve: Serve) -> None:
    client = serve(duplicate_seconds=0)
    first, second = client.ask(QUESTION), client.ask(QUESTION)
    assert first.answer.id != second.answer.id
    assert len(threads_of(client)) == 2


def test_a_thread_deleted_while_it_is_answered_stays_deleted(serve: Serve) -> None:
    deleted = threading.Event()

    def delete_first(_request: RecordedRequest) -> Text:
        [thread] = threads_of(client)
        assert client.request("threads.delete", thread_id=thread["id"]).json() == {}
        deleted.set()
        return Text("Too late.")

    with MockOpenAI([delete_first]) as mock:
        client = serve(**model(mock, "responses"))
        broken = client.stream("threads.create", input=user_input(QUESTION))
    assert deleted.is_set()
    assert len(broken.errors) == 1
    assert threads_of(client) == []


READER = RequestContext(user_id="reader")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ThreadStore]:
    async with open_thread_store(f"sqlite:///{tmp_path / 'repeats.db'}") as store:
        await store.save_thread(a_thread("thr_1"), context=READER)
        await store.add_thread_item("thr_1", a_message("msg_1"), context=READER)
        yield store


async def test_one_of_those_who_wait_takes_a_dead_answer_over(store: ThreadStore) -> None:
    repeated = RepeatedMessages(store, seconds=WITHIN, patience=0.3)
    message = a_message("msg_1")
    outcomes: list[bool] = []

    async def wait() -> None:
        answer = await repeated.wait_for_answer(message, READER)
        outcomes.append(answer is None)
        if answer is None:
            # However long storing its end takes here, nobody else is to take it over meanwhile.
            repeated._patience = 60
            end = turn_end("end_1", "thr_1", "completed", {"status": "answered"})
            await store.add_thread_item("thr_1", end, context=READER)

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(wait)
    assert sorted(outcomes) == [False, False, False, True]


async def test_an_answer_that_is_being_made_is_left_alone(
    store: ThreadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "_BEAT_SECONDS", 0.01)
    repeated = RepeatedMessages(store, seconds=WITHIN, patience=1.0)
    message = a_message("msg_1")
    async with repeated.answering(message, READER):
        waiting = asyncio.create_task(repeated.wait_for_answer(message, READER))
        await asyncio.sleep(1.5)
        assert not waiting.done()
        end = turn_end("end_1", "thr_1", "completed", {"status": "answered"})
        await store.add_thread_item("thr_1", end, context=READER)
        answer = await waiting
    assert answer is not None
    assert [item.id for item in answer] == ["end_1"]


@pytest.mark.slow
def test_a_killed_servers_answer_is_taken_over_by_another(
    serve: Serve, settings: ServerSettings
) -> None:
    endless = Text("The first half is said. ", Pause(), "…")
    with MockOpenAI([endless, Text("Stop the workers.")]) as mock:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={
                **os.environ,
                "INDEX_DIR": str(settings.index_dir),
                "DATABASE_URL": str(settings.database_url),
                "DUPLICATE_SECONDS": str(WITHIN),
                "OPENAI_API_KEY": "sk-test",
                "OPENAI_BASE_URL": mock.base_url,
            },
        )
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split(" at ")[1].split()[0]
            first = ChatClient(url)
            body = {"type": "threads.create", "params": {"input": user_input(QUESTION)}}
            with first.http.stream("POST", "/chatkit", json=body) as response:
                lines = response.iter_lines()
                next(line for line in lines if "first half" in line)
                process.kill()
        finally:
            process.kill()
            process.communicate()
            first.close()
        client = serve(duplicate_seconds=WITHIN, **model(mock, "responses"))
        again = client.ask(QUESTION)
    [thread] = threads_of(client)
    assert again.answer.content[0].text == "Stop the workers."
    assert client.list_items(thread["id"]) == as_sent(again)
