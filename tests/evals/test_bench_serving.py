"""The serving part of the bench: its client, its programs, its peers, and what it compares."""

import itertools
from pathlib import Path

import pytest

from evals.bench.figures import OURS
from evals.bench.load import NoAnswerError, Streamed, question, stream, stream_all
from evals.bench.peers.minimal_chatkit import create_app
from evals.bench.programs import DidNotStartError, output_of, serving
from evals.bench.served import BARE, MINIMAL, Served, serving_part
from tests.mock_openai import MockOpenAI
from tests.mock_openai.__main__ import model
from tests.server.serving import running

ANSWER = b'data: {"n":1}\n\ndata: {"text":"Hi"}\n\ndata: {"n":3}\n\n'


async def test_a_program_sends_what_the_client_measures(tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    answer.write_bytes(ANSWER)
    with serving(["evals.bench.peers.bare_sse", "--answer", str(answer)], folder=tmp_path) as bare:
        url = f"{bare.url}/chatkit"
        answers = await stream_all(url, [b"{}"] * 3, text_mark=b'"text"', at_once=2)
        assert not await stream_all(url, [b"{}"], text_mark=b'"nothing of the kind"', at_once=1)
        with pytest.raises(NoAnswerError, match="did not answer"):
            await stream(url, b"{}", text_mark=b'"nothing of the kind"')
        assert bare.ready_after > 0
        assert bare.cpu_seconds > 0
        assert bare.megabytes > 10
    assert [each.body for each in answers] == [ANSWER] * 3
    assert [each.events for each in answers] == [3] * 3
    assert all(0 < each.first_event <= each.first_text <= each.seconds for each in answers)
    with pytest.raises(ConnectionError):
        await stream(url, b"{}", text_mark=b'"text"')


def test_a_program_that_ends_at_once_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    with (
        pytest.raises(DidNotStartError, match="bare_sse --answer"),
        serving(["evals.bench.peers.bare_sse", "--answer", missing], folder=tmp_path),
    ):
        pytest.fail("it has not started")


def test_code_runs_where_the_project_is_found(tmp_path: Path) -> None:
    assert output_of("import evals; print(evals.__name__)", folder=tmp_path) == "evals\n"


async def test_the_minimal_server_answers_by_the_mock() -> None:
    with (
        MockOpenAI(itertools.repeat(model(deltas=20, pause=0.0))) as mock,
        running(create_app(mock.base_url)) as url,
    ):
        answer = await stream(
            f"{url}/chatkit", question("How is it started?"), text_mark=b"text_delta"
        )
    assert answer.body.count(b'"assistant_message.content_part.text_delta"') == 20
    assert b'"thread.created"' in answer.body
    first, second = mock.requests
    assert first.json["input"][-1]["content"][0]["text"] == "How is it started?"
    assert second.json["input"][-1]["type"] == "function_call_output"


def served(first_text: float, cpu: float) -> Served:
    answer = Streamed(first_text / 2, first_text, 2 * first_text, ANSWER)
    return Served(
        ready=[1.0, 3.0, 1.5],
        idle=400.0,
        one_by_one=[answer],
        cpu=cpu,
        answers_a_second=2.0,
        cpu_paced=2 * cpu,
        peaks={1: 410.0, 25: 450.0},
    )


def test_ratios_leave_out_what_the_model_takes() -> None:
    part = serving_part(
        {OURS: served(0.3, 0.05), MINIMAL: served(0.2, 0.1), BARE: served(0.01, 0.005)},
        alone=0.1,
        embedder=300.0,
        deltas=20,
    )
    values = {bar.name: round(bar.value, 3) for bar in part.bars}
    assert values == {
        "first text beyond the model's own / minimal ChatKit's, p50": 2.0,
        "CPU an answer / minimal ChatKit's": 0.5,
        "CPU an answer at 100 tokens/s / minimal ChatKit's": 0.5,
        "CPU an answer / bare SSE's": 10.0,
        "memory idle beyond the embedder": 100.0,
        "answers that failed, of all at once": 0,
        "start to ready, p50": 1.5,
    }
    assert [bar.name for bar in part.bars if bar.missed] == [
        "first text beyond the model's own / minimal ChatKit's, p50"
    ]
    rows = {row.name: row.by_system for row in part.rows}
    assert rows["events, 25 at once"][OURS] == 6.0
    assert rows["memory, 25 streams"] == {OURS: 450.0, MINIMAL: 450.0, BARE: 450.0}
