"""The same message sent twice within seconds is one, on whichever replica it arrives."""

import threading
from typing import Any

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
