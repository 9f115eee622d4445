"""The serving part: answers over HTTP, beside a bare endpoint and a minimal ChatKit server.

All have the same model, a mock in a process of its own, and are asked in turns within one run.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import anyio

from evals.bench.figures import OURS, Part
from evals.bench.load import question, stream, stream_all
from evals.bench.programs import Program, first_line, output_of, running, serving
from evals.bench.served import AT_ONCE, BARE, MINIMAL, Served, serving_part

_TEXT: Final = b'"assistant_message.content_part.text_delta"'
_MODEL_TEXT: Final = b'"response.output_text.delta"'
_MODEL_CALL: Final = b'"response.function_call_arguments.delta"'

_DELTAS: Final = 200
# A hundred tokens a second, as fast models write.
_PAUSE: Final = 0.01
_ANSWERS_A_ROUND: Final = 10
_SAMPLE_SECONDS: Final = 0.02
_WARM_UP: Final = 3

# Nothing listens there, and nothing is asked.
_NO_MODEL: Final = "http://127.0.0.1:9/v1"

# What the model is sent for an answer: the question, then the question with what was found.
_QUESTION: Final = {"role": "user", "content": "How is the server started?"}
_CALL: Final = {
    "type": "function_call",
    "call_id": "call_1",
    "name": "search_docs",
    "arguments": "{}",
}
_OUTPUT: Final = {
    "type": "function_call_output",
    "call_id": "call_1",
    "output": "[1] By a command.",
}
_FIRST_INPUT: Final = [_QUESTION]
_SECOND_INPUT: Final = [_QUESTION, _CALL, _OUTPUT]

# Loads the bundled embedder and tells how many bytes of memory it takes beyond bare Python.
_EMBEDDER: Final = """
import anyio, psutil
before = psutil.Process().memory_info().rss
from store.embedders.minilm import MiniLmEmbedder
embedder = MiniLmEmbedder.bundled()
async def embed():
    await embedder.embed(["warm"], kind="query")
anyio.run(embed)
print((psutil.Process().memory_info().rss - before) / 1e6)
"""


@dataclass(frozen=True, slots=True)
class Site:
    """What our server serves, and what it is asked."""

    index: Path
    questions: Sequence[str]

    def bodies(self, count: int) -> Iterator[bytes]:
        """Make so many requests."""
        return map(question, itertools.islice(itertools.cycle(self.questions), count))


def measure_serving(site: Site, *, rounds: int, streams: Sequence[int]) -> Part:
    """Time answers, and weigh the processes that give them; `streams` are how many at once."""
    served = {name: Served() for name in (OURS, MINIMAL, BARE)}
    with TemporaryDirectory(prefix="footnote-bench-") as name:
        folder = Path(name)
        for _ in range(rounds - 1):
            with _programs(site, folder, _NO_MODEL) as programs:
                _note_start(programs, served)
        with _model(folder, pause=0.0) as model, _programs(site, folder, model) as programs:
            _note_start(programs, served)
            answer = anyio.run(_record_answer, programs[OURS], site)
            with _bare(folder, answer) as programs[BARE]:
                _note_start({BARE: programs[BARE]}, served)
                answers = rounds * _ANSWERS_A_ROUND
                alone = anyio.run(_ask_in_turns, programs, served, site, model, answers)
                anyio.run(_ask_at_once, programs, served, site, rounds * AT_ONCE)
        with _model(folder, pause=_PAUSE) as model, _programs(site, folder, model) as programs:
            anyio.run(_hold_streams, programs, served, site, streams)
        embedder = float(output_of(_EMBEDDER, folder=folder))
    return serving_part(served, alone=alone, embedder=embedder, deltas=_DELTAS)


@contextmanager
def _programs(site: Site, folder: Path, model: str) -> Iterator[dict[str, Program]]:
    """Run our server and the minimal one, with the same model."""
    settings = {
        "INDEX_DIR": str(site.index.resolve()),
        "DATABASE_URL": f"sqlite:///{folder / 'threads.db'}",
        "OPENAI_BASE_URL": model,
        "LOG_LEVEL": "WARNING",
        # The other server names no conversations.
        "TITLES": "question",
        # All that is asked comes from one address.
        "REQUESTS_PER_MINUTE": "all:1000000",
        "ANSWERS_AT_ONCE": "all:1000000",
    }
    minimal = ["evals.bench.peers.minimal_chatkit", "--model", model]
    with (
        serving(["server"], folder=folder, environment=settings) as ours,
        serving(minimal, folder=folder) as theirs,
    ):
        yield {OURS: ours, MINIMAL: theirs}


@contextmanager
def _bare(folder: Path, answer: bytes) -> Iterator[Program]:
    file = folder / "answer"
    file.write_bytes(answer)
    with serving(["evals.bench.peers.bare_sse", "--answer", str(file)], folder=folder) as program:
        yield program


@contextmanager
def _model(folder: Path, *, pause: float) -> Iterator[str]:
    """Run the mock and yield its address."""
    options = ["--deltas", str(_DELTAS), "--pause", str(pause)]
    with running(["tests.mock_openai", *options], folder=folder) as process:
        yield first_line(process)


def _note_start(programs: Mapping[str, Program], served: Mapping[str, Served]) -> None:
    for name, program in programs.items():
        served[name].ready.append(program.ready_after)
        served[name].idle = program.megabytes


async def _record_answer(program: Program, site: Site) -> bytes:
    [body] = site.bodies(1)
    return (await stream(f"{program.url}/chatkit", body, text_mark=_TEXT)).body


async def _ask_in_turns(
    programs: Mapping[str, Program],
    served: Mapping[str, Served],
    site: Site,
    model: str,
    answers: int,
) -> float:
    """Ask one server after the other; return the median seconds that the model takes alone."""
    alone: list[float] = []
    for program in programs.values():
        for body in site.bodies(_WARM_UP):
            await stream(f"{program.url}/chatkit", body, text_mark=_TEXT)
    for body in site.bodies(answers):
        for name, program in programs.items():
            answer = await stream(f"{program.url}/chatkit", body, text_mark=_TEXT)
            served[name].one_by_one.append(answer)
        alone.append(await _model_seconds(model))
    return median(alone)


async def _model_seconds(url: str) -> float:
    """Return what a turn's two calls of the model take alone, until the first text."""
    seconds = 0.0
    for mark, items in ((_MODEL_CALL, _FIRST_INPUT), (_MODEL_TEXT, _SECOND_INPUT)):
        body = json.dumps({"model": "mock", "stream": True, "input": items}).encode()
        answer = await stream(
            f"{url}/responses", body, text_mark=mark, headers="Authorization: Bearer mock\r\n"
        )
        seconds += answer.seconds if mark == _MODEL_CALL else answer.first_text
    return seconds


async def _ask_at_once(
    programs: Mapping[str, Program], served: Mapping[str, Served], site: Site, answers: int
) -> None:
    """Keep each server busy alone, with several readers."""
    for name, program in programs.items():
        cpu, began = program.cpu_seconds, time.perf_counter()
        await stream_all(
            f"{program.url}/chatkit", site.bodies(answers), text_mark=_TEXT, at_once=AT_ONCE
        )
        seconds = time.perf_counter() - began
        served[name].cpu = (program.cpu_seconds - cpu) / answers
        served[name].answers_a_second = answers / seconds


async def _hold_streams(
    programs: Mapping[str, Program],
    served: Mapping[str, Served],
    site: Site,
    streams: Sequence[int],
) -> None:
    """Have so many streams run at the same time, at the pace of a real model.

    The processor's time is that of the first number of them that keeps a server busy.
    """
    busy = next((count for count in streams if count >= AT_ONCE), max(streams))
    for name, program in programs.items():
        for count in streams:
            cpu = program.cpu_seconds
            asking = asyncio.create_task(
                stream_all(
                    f"{program.url}/chatkit", site.bodies(count), text_mark=_TEXT, at_once=count
                )
            )
            peak = 0.0
            while not asking.done():
                peak = max(peak, program.megabytes)
                await asyncio.wait([asking], timeout=_SAMPLE_SECONDS)
            served[name].failed += count - len(asking.result())
            served[name].peaks[count] = peak
            if count == busy:
                served[name].cpu_paced = (program.cpu_seconds - cpu) / count
