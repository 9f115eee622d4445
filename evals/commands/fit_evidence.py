"""`python -m evals fit-evidence`: make the weights that `server.search.abstention` holds."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from evals.evidence_fit import Observation, fit_weights, held_out, without_vectors
from evals.question_files import read_questions
from evals.questions import Question
from evals.systems import RETRIEVED_SECTIONS, scope_of
from server.search.abstention import DEFAULT_THRESHOLD, evidence_measures
from server.search.followup import contextual_query
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.ports import Embedder
from store.resources import open_embedder, open_index


def fit_evidence(
    corpora: Annotated[
        list[Path],
        typer.Argument(
            metavar="QUESTIONS INDEX...",
            help="Question sets, each with the folder of its docs' index behind it; two at least.",
        ),
    ],
    *,
    threshold: Annotated[
        float, typer.Option(help="Where to judge the fit.", min=0, max=1)
    ] = DEFAULT_THRESHOLD,
    words_alone: Annotated[
        bool, typer.Option("--words-alone", help="Leave the vectors out, as `EMBEDDER=none` does.")
    ] = False,
) -> None:
    """Fit how evidence is judged, by asking each corpus its own questions and the others'."""
    pairs = list(zip(corpora[::2], corpora[1::2], strict=False))
    if len(corpora) % 2 or len(pairs) < 2:
        raise typer.BadParameter("give two pairs of a question set and an index at least")
    observations = asyncio.run(_observe(pairs))
    if words_alone:
        observations = [without_vectors(seen) for seen in observations]
    for judged in held_out(observations):
        typer.echo(
            f"{judged.corpus}, fitted without it: {judged.refused(threshold):.1%} of "
            f"{len(judged.own)} questions refused, {judged.answered(threshold):.1%} of "
            f"{len(judged.others)} that it has no answer to let pass, at {threshold}"
        )
    typer.echo(repr(fit_weights(observations)))


async def _observe(corpora: list[tuple[Path, Path]]) -> list[Observation]:
    sets = {questions.stem: read_questions(questions) for questions, _ in corpora}
    observations: list[Observation] = []
    embedder = open_embedder(ServerSettings.with_options())
    try:
        for questions, index in corpora:
            observations += await _ask(questions.stem, index, embedder, sets)
    finally:
        await embedder.close()
    return observations


async def _ask(
    corpus: str, folder: Path, embedder: Embedder, sets: dict[str, list[Question]]
) -> list[Observation]:
    index = await open_index(ServerSettings.with_options(index_dir=folder), embedder)
    try:
        retriever = Retriever(embedder, index)
        observations = []
        for asked_of, questions in sets.items():
            for question in questions:
                query = contextual_query([*question.earlier_questions, question.question]).text
                scope = scope_of(question) if asked_of == corpus else None
                found = await retriever.search(query, limit=RETRIEVED_SECTIONS, scope=scope)
                if found:
                    answerable = asked_of == corpus and question.answerable
                    measures = evidence_measures(query, found)
                    observations.append(Observation(corpus, asked_of, answerable, measures))
        return observations
    finally:
        await index.close()
