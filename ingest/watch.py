"""Ingest again whenever the docs change, until the process is told to stop."""

import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import anyio
from anyio.abc import TaskStatus
from watchfiles import Change, awatch

from ingest.generators import GENERATORS
from ingest.site import Site
from ingest.sources import SourceError, is_hidden, scan
from store.errors import EmbedderUnavailableError, IndexUnavailableError, OperatorError

# Milliseconds. Changes that follow each other this closely are one: an editor's saving, a checkout.
_STEP = 200
_LONGEST_WAIT = 2000

# The names of configurations, whose change can make another site of the same pages.
_CONFIGURATIONS = tuple(
    Path(config).name for generator in GENERATORS for config in generator.configs
)


async def watch(site: Callable[[], Site], ingest: Callable[[], Awaitable[None]]) -> None:
    """Await `ingest` at once, and again after each change of the docs or of what they include.

    `site` looks at the docs anew. What goes wrong in a round is told on stderr, and the next
    change begins another. Returns when the process gets SIGINT or SIGTERM. Raises `SourceError`
    when there is no folder to begin with.
    """
    docs = site().docs
    if not docs.is_dir():
        raise SourceError(docs, "there is no such folder")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_at_signal, tasks.cancel_scope)
        while True:
            # Watching begins before the folder is read, so that no change is missed in between.
            async with _noticing(site) as changed:
                try:
                    await ingest()
                except (OperatorError, EmbedderUnavailableError, IndexUnavailableError) as error:
                    sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
                await changed.wait()


@asynccontextmanager
async def _noticing(site: Callable[[], Site]) -> AsyncIterator[anyio.Event]:
    """Yield an event that is set when something changes that the index is made from."""
    changed, stop = anyio.Event(), anyio.Event()
    async with anyio.create_task_group() as watchers:
        try:
            looked_at = site()
            relevant = _Relevant(looked_at.docs, frozenset(looked_at.generator.readers))
            if looked_at.docs.is_dir():
                await watchers.start(_notice, [looked_at.docs], relevant, changed, stop)
                relevant.included = _included(looked_at)
            # Other folders are watched by themselves: what lies below them may be a whole project.
            folders = sorted(_folders_around(looked_at) | relevant.folders())
            await watchers.start(_notice, folders, relevant, changed, stop, False)
            yield changed
        finally:
            # The watching threads look at the event; a cancelled scope would wait for them.
            stop.set()


async def _notice(
    folders: list[Path],
    relevant: "_Relevant",
    changed: anyio.Event,
    stop: anyio.Event,
    recursive: bool = True,
    *,
    task_status: TaskStatus[None],
) -> None:
    # Watching begins before this task first waits, and whoever starts it goes on only then.
    task_status.started()
    async for _ in awatch(
        *folders,
        watch_filter=relevant,
        debounce=_LONGEST_WAIT,
        step=_STEP,
        stop_event=stop,
        recursive=recursive,
        ignore_permission_denied=True,
    ):
        changed.set()


@dataclass
class _Relevant:
    """Tells changes that may change the index from all others."""

    docs: Path
    suffixes: frozenset[str]
    included: frozenset[Path] = field(default_factory=frozenset)

    def __call__(self, change: Change, name: str) -> bool:
        """Tell whether the file or folder matters."""
        path = Path(name)
        if path in self.included or path == self.docs:
            return True
        if any(fnmatchcase(path.name, configuration) for configuration in _CONFIGURATIONS):
            return True
        if not path.is_relative_to(self.docs):
            return False
        if any(map(is_hidden, path.relative_to(self.docs).parts)):
            return False
        # A folder takes its pages along, and is all that is reported when it is moved.
        is_folder = path.is_dir() or change is Change.deleted
        return is_folder or path.suffix.lower() in self.suffixes

    def folders(self) -> set[Path]:
        """Return the folders of included files that lie elsewhere than in the docs."""
        folders = {path.parent for path in self.included}
        return {path for path in folders if path.is_dir() and not path.is_relative_to(self.docs)}


def _included(site: Site) -> frozenset[Path]:
    """Return where the pages' included files are, or would be."""
    try:
        scan(site.docs, is_page=site.is_page, included=site.included)
    except SourceError:
        return frozenset()  # Ingest itself says what is wrong.
    return site.sought


def _folders_around(site: Site) -> set[Path]:
    """Return the folders above the docs: a configuration may be there, and the docs come back."""
    above = {folder for folder in site.docs.parents if folder.is_relative_to(site.project)}
    return {site.docs.parent, *above}


async def _cancel_at_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
            return
