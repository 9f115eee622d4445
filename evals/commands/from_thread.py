"""`python -m evals from-thread`: a stored conversation becomes a question of a set."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from evals.cases import make_case, worth_keeping
from evals.conversations import AskedQuestion, asked_questions
from evals.outputs import append_line, check_folder
from server.search.followup import contextual_query
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.errors import OperatorError
from store.resources import Resources, open_resources
from store.threads.review import review_threads

_CANDIDATES = 5


class NoSuchQuestionError(OperatorError):
    """A thread, or a question of it, that the store doesn't have."""

    def __init__(self, thread_id: str, number: int | None, count: int) -> None:
        super().__init__(
            f"The thread {thread_id} has {count} questions, not {number}."
            if number and count
            else f"No question of a thread {thread_id} is stored."
        )
        self.thread_id = thread_id
        self.number = number


def from_thread(
    thread_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the thread.")],
    *,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(
            min=1, help="Which question, from 1. [default: the last voted down, or the last]"
        ),
    ] = None,
    append: Annotated[
        Path | None, typer.Option(help="Add it to this JSONL set. [default: to stdout]")
    ] = None,
) -> None:
    """Turn a stored question, with what was said before it, into one of a set.

    Where the answer was no good, the pages that might have answered are listed on stderr.
    """
    if append is not None:
        check_folder(append)
    settings = ServerSettings.with_options(index_dir=index)
    case, candidates = asyncio.run(_make(settings, thread_id, number))
    line = json.dumps(case, ensure_ascii=False)
    if append is None:
        sys.stdout.write(line + "\n")
    else:
        append_line(append, line)
    if not case["gold"]:
        sys.stderr.write(
            "Its gold is empty: leave it so if the docs don't answer it, or name the\n"
        )
        sys.stderr.write("pages that do. The nearest:\n")
        for place in candidates:
            sys.stderr.write(f"  {json.dumps(place, ensure_ascii=False)}\n")


async def _make(
    settings: ServerSettings, thread_id: str, number: int | None
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    async with open_resources(settings) as resources:
        threads = review_threads(resources.threads, thread_id=thread_id)
        asked = [question async for thread in threads for question in asked_questions(thread)]
        if not asked or (number or 1) > len(asked):
            raise NoSuchQuestionError(thread_id, number, len(asked))
        chosen = worth_keeping(asked) if number is None else asked[number - 1]
        case = make_case(chosen, asked.index(chosen) + 1, await resources.index.pages())
        return case, [] if case["gold"] else await _candidates(resources, chosen)


async def _candidates(resources: Resources, asked: AskedQuestion) -> list[dict[str, str]]:
    said = [exchange.question for exchange in asked.history]
    query = contextual_query([*said, asked.question]).text
    found = await Retriever(resources.embedder, resources.index).search(query, limit=_CANDIDATES)
    return [{"path": item.passage.path, "anchor": item.passage.anchor} for item in found]
