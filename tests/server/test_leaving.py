"""What becomes of an answer whose reader leaves, by the setting."""

import time
from typing import Any

import pytest

from tests.mock_openai import MockOpenAI, Pause, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient
from tests.server.test_chatkit_models import leave_after_text, model

QUESTION = "How do I upgrade?"


def last_item(client: ChatClient) -> dict[str, Any]:
    [thread] = client.request("threads.list").json()["data"]
    return client.list_items(thread["id"])[-1]


@pytest.mark.parametrize("finish", [False, True])
def test_c15_the_setting_lets_an_answer_be_finished(serve: Serve, finish: bool) -> None:
    answer = Text("The first half is said. ", Pause(), "The second half is.")
    with MockOpenAI([answer]) as mock:
        client = serve(finish_on_disconnect=finish, **model(mock, "responses"))
        leave_after_text(client, QUESTION)
        [request] = mock.requests
        if finish:
            mock.release()
        # Far longer than it takes: the call ends by itself, or within a second of the leaving.
        assert request.closed.wait(20)
        assert request.finished == finish
        deadline = time.monotonic() + 20
        while (item := last_item(client))["type"] != "assistant_message":
            assert time.monotonic() < deadline, item
            time.sleep(0.02)
    text = item["content"][0]["text"]
    assert text.startswith("The first half is said.")
    assert ("second half" in text) == finish
