"""Ingest goes on with the docs: each change that matters begins a round, and nothing else does."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from ingest.site import Site
from ingest.sources import SourceError
from ingest.watch import watch
from tests.ingest.workplace import Workplace

_ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def watching(
    workplace: Workplace, errors: list[Exception] | None = None
) -> AsyncIterator[Callable[[], Awaitable[list[str]]]]:
    """Watch, and yield what awaits the next round and returns the paths that it read."""
    send, receive = anyio.create_memory_object_stream[list[str]](10)

    def site() -> Site:
        return Site.of(workplace.docs, base_url="/docs/")

    async def ingest() -> None:
        if errors:
            await send.send([])
            raise errors.pop()
        summary = await workplace.ingest()
        await send.send([*(file.path for file in summary.plan.to_read), *summary.plan.removed])

    async def next_round() -> list[str]:
        with anyio.fail_after(30):
            return await receive.receive()

    async with send, receive, anyio.create_task_group() as tasks:
        tasks.start_soon(watch, site, ingest)
        yield next_round
        tasks.cancel_scope.cancel()


async def test_what_changes_is_ingested_again(workplace: Workplace) -> None:
    async with watching(workplace) as next_round:
        assert await next_round() == ["guide/lamp.md", "index.md"]
        # What is left out of the index is no reason for a round.
        workplace.write(".cache/a.md", "# A\n")
        workplace.write("logo.png", "x")
        workplace.write("guide/lamp.md", "# The lamp\n\nIt burns gas.\n")
        workplace.write("index.md", "# Home\n\nMoved.\n")
        assert await next_round() == ["guide/lamp.md", "index.md"]
        (workplace.docs / "guide").rename(workplace.docs / "manual")
        assert await next_round() == ["manual/lamp.md"]
    assert [passage.text for passage in await workplace.passages()] == ["Moved.", "It burns gas."]


async def test_files_that_pages_include_are_watched_where_they_are(workplace: Workplace) -> None:
    (workplace.docs.parent / ".git").mkdir()
    source = workplace.docs.parent / "src" / "app.py"
    source.parent.mkdir()
    workplace.write("index.md", '# Home\n\n--8<-- "src/app.py"\n')
    async with watching(workplace) as next_round:
        await next_round()
        source.write_text("lamp()\n")
        assert await next_round() == ["index.md"]
        source.unlink()
        assert await next_round() == ["index.md"]


async def test_an_error_ends_a_round_and_not_the_watching(
    workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    errors: list[Exception] = [SourceError(workplace.docs, "it is gone")]
    async with watching(workplace, errors) as next_round:
        assert await next_round() == []
        workplace.docs.rename(workplace.docs.with_name("away"))
        workplace.docs.with_name("away").rename(workplace.docs)
        assert await next_round() == ["guide/lamp.md", "index.md"]
    assert capsys.readouterr().err == (
        f"error: {workplace.docs}: it is gone. The index is unchanged.\n"
    )


async def test_there_has_to_be_a_folder(tmp_path: Path) -> None:
    async def ingest() -> None:
        pytest.fail("there is nothing to ingest")

    with pytest.raises(SourceError, match="there is no such folder"):
        await watch(lambda: Site.of(tmp_path / "docs", base_url="/docs/"), ingest)


def test_the_command_goes_on_until_it_is_told_to_stop(workplace: Workplace) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ingest", str(workplace.docs), "--watch", "--json"],
        cwd=_ROOT,
        env={**os.environ, "INDEX_DIR": str(workplace.settings.index_dir), "QDRANT_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["pages"]["added"] == 2
        workplace.write("index.md", "# Home\n\nMoved.\n")
        assert json.loads(running.stdout.readline())["pages"]["changed"] == 1
        running.send_signal(signal.SIGINT)
        output, errors = running.communicate(timeout=60)
    assert (running.returncode, output, errors) == (0, "", "")
