"""A kill at any moment leaves the old or the new generation whole."""

import multiprocessing
import random
import signal
import time
from multiprocessing.connection import Connection

import anyio
import pytest

from tests.ingest.workplace import Workplace

_PAGES = 15
# Together more passages than are written at a time, so that a kill falls between two writes too.
_SECTIONS = 10


@pytest.mark.timeout(900)
@pytest.mark.parametrize("points", [4, pytest.param(50, marks=pytest.mark.slow)])
async def test_a_kill_leaves_the_old_or_the_new_generation_whole(
    workplace: Workplace, points: int
) -> None:
    moments = random.Random(3)
    edition = 0
    _write(workplace, edition)
    await workplace.ingest()
    edition += 1
    _write(workplace, edition)
    whole_run = _run(workplace, kill_after=None)
    assert await _whole_edition(workplace) == edition

    published, outcomes = edition, []
    for point in range(points):
        edition += 1
        _write(workplace, edition)
        # Each kill falls at random into a stretch of its own, so that all of a run is covered.
        _run(workplace, kill_after=whole_run * (point + moments.random()) / points)
        found = await _whole_edition(workplace)
        assert found in {published, edition}
        outcomes.append(found)
        published = found

    assert len(set(outcomes)) < points, "no run was killed before it had published"
    await workplace.ingest()
    assert await _whole_edition(workplace) == edition
    generations = workplace.settings.index_dir / "generations"
    assert not list(generations.glob("*.building"))


def _write(workplace: Workplace, edition: int) -> None:
    """Make every page say which edition it is of; odd editions have a page more."""
    for page in range(_PAGES):
        sections = (f"## Part {n}\n\nPart {n}, edition {edition}.\n" for n in range(_SECTIONS))
        workplace.write(f"page{page}.md", "\n".join((f"# Page {page}\n", *sections)))
    if edition % 2:
        workplace.write("odd.md", f"# Odd\n\nOdd, edition {edition}.\n")
    else:
        (workplace.docs / "odd.md").unlink(missing_ok=True)
    for path in ("index.md", "guide/lamp.md"):
        (workplace.docs / path).unlink(missing_ok=True)


async def _whole_edition(workplace: Workplace) -> int:
    """Return the edition that all of the index is of, having checked that it is complete."""
    passages = await workplace.passages()
    editions = {int(passage.text.rstrip(".").rsplit(" ", 1)[1]) for passage in passages}
    assert len(editions) == 1
    edition = editions.pop()
    assert len(passages) == _PAGES * _SECTIONS + edition % 2
    async with workplace.index() as index:
        assert index.manifest.passages == len(passages)
        assert index.manifest.pages == len(await index.pages()) == _PAGES + edition % 2
    return edition


def _run(workplace: Workplace, *, kill_after: float | None) -> float:
    """Ingest in another process, killed so many seconds after it began; return how long it ran."""
    # Not forked from this process, whose threads may hold locks.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "store.index.edge_writer"])
    beginning, told = context.Pipe(duplex=False)
    process = context.Process(target=_ingest, args=(workplace, told))
    process.start()
    beginning.recv()
    began = time.monotonic()
    if kill_after is not None:
        time.sleep(kill_after)
        process.kill()
    process.join()
    elapsed = time.monotonic() - began
    assert process.exitcode in ({0} if kill_after is None else {0, -signal.SIGKILL})
    process.close()
    beginning.close()
    told.close()
    return elapsed


def _ingest(workplace: Workplace, told: Connection) -> None:
    told.send(None)
    anyio.run(workplace.ingest)
