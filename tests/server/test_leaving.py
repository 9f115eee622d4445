"""What becomes of an answer whose reader leaves, or whose server is stopped."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from server.settings import ServerSettings
from tests.mock_openai import MockOpenAI, Pause, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, user_input
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


@pytest.mark.slow
@pytest.mark.parametrize("in_time", [True, False])
def test_a_server_that_is_stopped_lets_answers_finish_or_tells_their_readers(
    settings: ServerSettings, in_time: bool
) -> None:
    answer = Text("The first half is said. ", Pause(), "The second half is.")
    with MockOpenAI([answer]) as mock:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={
                **os.environ,
                "INDEX_DIR": str(settings.index_dir),
                "DATABASE_URL": str(settings.database_url),
                "OPENAI_API_KEY": "sk-test",
                "OPENAI_BASE_URL": mock.base_url,
            },
        )
        client = None
        try:
            assert process.stdout is not None
            client = ChatClient(process.stdout.readline().split(" at ")[1].split()[0])
            body = {"type": "threads.create", "params": {"input": user_input(QUESTION)}}
            with client.http.stream("POST", "/chatkit", json=body) as response:
                lines = response.iter_lines()
                next(line for line in lines if "first half" in line)
                process.send_signal(signal.SIGTERM)
                if in_time:
                    mock.release()
                rest = [line for line in lines if line.startswith("data: ")]
        finally:
            if client is not None:
                client.close()
            try:
                process.communicate(timeout=60)
            finally:
                process.kill()
    assert process.returncode == 0
    assert ("second half" in "".join(rest)) == in_time
    assert ('"type":"error"' in rest[-1]) == (not in_time)
