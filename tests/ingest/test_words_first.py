"""A large index is published by words first, and then with its vectors."""

import pytest

from ingest.run import Summary
from store.embedders.no_vectors import NoVectors
from store.errors import EmbedderUnavailableError
from tests.ingest.workplace import Workplace

AWAY = EmbedderUnavailableError("words", "is away")


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take two texts for many, and look after each passage."""
    monkeypatch.setattr("ingest.pipeline.LEXICAL_FIRST_FROM", 2)
    monkeypatch.setattr("ingest.pipeline._MOSTLY_KNOWN", 3)
    monkeypatch.setattr("ingest.pipeline.BATCH", 1)


def searches(summary: Summary) -> list[tuple[int, bool]]:
    """Return the number of each generation that was published, and whether it has vectors."""
    return [(each.manifest.generation, each.manifest.dense) for each in summary.published]


async def similarities(workplace: Workplace) -> list[float | None]:
    async with workplace.index() as index:
        vector = workplace.embedder.vector("lamp")
        return [found.similarity for found in await index.search(text="lamp", vector=vector)]


async def test_both_generations_come_from_one_run(workplace: Workplace) -> None:
    summary = await workplace.ingest()
    assert searches(summary) == [(1, False), (2, True)]
    assert (summary.generation, summary.passages) == (2, 4)
    assert (summary.changes.added, summary.changes.embedded, summary.changes.reused) == (4, 4, 0)
    assert summary.changes.embedded_tokens == workplace.embedder.tokens_embedded > 0
    assert None not in await similarities(workplace)
    assert [(p.path, p.position) for p in await workplace.passages()] == [
        ("guide/lamp.md", 0),
        ("guide/lamp.md", 1),
        ("guide/lamp.md", 2),
        ("index.md", 0),
    ]
    assert (await workplace.ingest()).published == ()


async def test_what_is_interrupted_in_between_can_be_searched_and_is_finished(
    workplace: Workplace,
) -> None:
    workplace.embedder.error = AWAY
    with pytest.raises(EmbedderUnavailableError):
        await workplace.ingest()
    assert set(await similarities(workplace)) == {None}
    assert len(await workplace.passages()) == 4

    # What changes meanwhile comes by words first, too.
    workplace.write("new.md", "# New\n\nText.\n")
    with pytest.raises(EmbedderUnavailableError):
        await workplace.ingest()
    assert len(await workplace.passages()) == 5

    workplace.embedder.error = None
    summary = await workplace.ingest()
    assert summary.plan.is_empty
    assert searches(summary) == [(3, True)]
    assert len(workplace.embedder.texts) == 5
    assert None not in await similarities(workplace)


async def test_vectors_are_never_taken_away(workplace: Workplace) -> None:
    await workplace.ingest()
    for number in range(4):
        workplace.write(f"{number}.md", f"# Page {number}\n\nText.\n")
    assert searches(await workplace.ingest()) == [(3, True)]
    assert searches(await workplace.ingest(rebuild=True)) == [(4, True)]


async def test_docs_that_are_mostly_embedded_need_no_first_generation(workplace: Workplace) -> None:
    workplace.embedder.remembers = True
    await workplace.ingest()
    (workplace.settings.index_dir / "current").unlink()
    summary = await workplace.ingest()
    assert searches(summary) == [(1, True)]
    assert (summary.changes.embedded, summary.changes.reused) == (0, 4)


async def test_without_an_embedder_words_are_all_there_is(workplace: Workplace) -> None:
    alone = NoVectors()
    summary = await workplace.ingest(embedder=alone)
    assert searches(summary) == [(1, False)]
    assert (summary.manifest.embedder, summary.manifest.dimension) == ("none", 0)
    assert (summary.changes.embedded, summary.changes.embedded_tokens) == (0, 0)
    workplace.write("new.md", "# New\n\nLamp.\n")
    summary = await workplace.ingest(embedder=alone)
    assert searches(summary) == [(2, False)]
    assert summary.passages == 5
    assert (await workplace.ingest(embedder=alone)).published == ()
