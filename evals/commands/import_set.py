"""`python -m evals import`: the question set of another tool becomes one of ours."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from evals.imports.beir import QUERIES, beir_drafts, write_pages
from evals.imports.drafts import Draft, ImportSourceError
from evals.imports.locate import Locator
from evals.imports.ragas_sets import is_ragas, ragas_drafts, read_json_rows
from evals.imports.tables import read_table, table_drafts
from evals.outputs import check_folder
from evals.question_files import write_questions
from evals.questions import Question
from server.settings import ServerSettings
from store.resources import open_embedder, open_index

_TABLES = {".csv", ".tsv"}


def import_set(
    source: Annotated[Path, typer.Argument(help="CSV, TSV, JSON or JSONL, or a folder of BEIR.")],
    output: Annotated[Path, typer.Argument(help="The question set to write, JSONL.")],
    *,
    split: Annotated[str, typer.Option(help="Which qrels of BEIR.")] = "test",
    docs: Annotated[
        Path | None, typer.Option(help="Write BEIR's corpus to this folder, as Markdown pages.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Where addresses and texts are found. [default: INDEX_DIR]")
    ] = None,
) -> None:
    """Read a question set of another tool and write it as one of ours.

    Ragas names no pages: its contexts are looked for in the index, and a question is left out when
    one of them is not there.
    """
    check_folder(output)
    drafts = _drafts(source, split=split, as_pages=docs is not None)
    if docs is not None and source.is_dir():
        pages = write_pages(source, docs)
        sys.stderr.write(f"{pages} pages written to {docs}.\n")
    questions: list[Question] = []
    lost: list[Draft] = []
    if any(draft.needs_index for draft in drafts):
        questions, lost = asyncio.run(
            _located(drafts, ServerSettings.with_options(index_dir=index))
        )
    else:
        questions = [draft.complete(()) for draft in drafts]
    if not questions:
        raise ImportSourceError(source, "none of its questions is about a page of the index")
    _check_ids(source, questions)
    write_questions(output, questions)
    sys.stderr.write(f"{len(questions)} questions written to {output}.\n")
    if lost:
        lines = ", ".join(str(draft.line) for draft in lost)
        sys.stderr.write(f"Left out, since the index lacks what they are about: {lines}.\n")


def _drafts(source: Path, *, split: str, as_pages: bool) -> list[Draft]:
    if source.is_dir():
        if not (source / QUERIES).is_file():
            raise ImportSourceError(source, f"is no folder of BEIR: it has no {QUERIES}")
        return list(beir_drafts(source, split=split, as_pages=as_pages))
    if source.suffix in _TABLES:
        rows = read_table(source)
        if rows and is_ragas(rows[0]):
            return list(ragas_drafts(source, list(rows)))
        return list(table_drafts(source, rows))
    return list(ragas_drafts(source, read_json_rows(source)))


def _check_ids(source: Path, questions: Sequence[Question]) -> None:
    for name, count in Counter(question.id for question in questions).items():
        if count > 1:
            raise ImportSourceError(source, f"the id {name!r} is used {count} times")


async def _located(
    drafts: Sequence[Draft], settings: ServerSettings
) -> tuple[list[Question], list[Draft]]:
    embedder = open_embedder(settings)
    try:
        index = await open_index(settings, embedder)
        try:
            locator = await Locator.of(index)
        finally:
            await index.close()
    finally:
        await embedder.close()
    questions, lost = [], []
    for draft in drafts:
        found = locator.locate(draft)
        if draft.needs_index and not found:
            lost.append(draft)
        else:
            questions.append(draft.complete(found))
    return questions, lost
