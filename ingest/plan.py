"""What has to be done so that the index is the folder again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.sources import SourceFile

# Goes into the manifest: pages of another one are read again. Raise it with any change to how
# passages or their texts are made.
CHUNKER = "sections-6"


@dataclass(frozen=True, slots=True)
class Move:
    """A document that lies elsewhere than the index has it."""

    old_path: str
    file: SourceFile


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference of folder and index, each part ordered by path.

    `refreshed` files are unchanged, but the index was made in another way: they are read again,
    and embedded only where their text comes out different.
    """

    added: tuple[SourceFile, ...]
    changed: tuple[SourceFile, ...]
    refreshed: tuple[SourceFile, ...]
    moved: tuple[Move, ...]
    removed: tuple[str, ...]
    unchanged: tuple[SourceFile, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the index is the folder already."""
        return not (self.added or self.changed or self.refreshed or self.moved or self.removed)

    @property
    def to_read(self) -> tuple[SourceFile, ...]:
        """The files whose passages have to be made."""
        moved = (move.file for move in self.moved)
        return (*self.added, *self.changed, *self.refreshed, *moved)

    @property
    def gone_paths(self) -> tuple[str, ...]:
        """The paths that the index must no longer have."""
        return (*self.removed, *(move.old_path for move in self.moved))


def make_plan(files: Iterable[SourceFile], ledger: Mapping[str, str], *, refresh: bool) -> Plan:
    """Compare the folder's files with the content hashes of the index's pages, by path.

    `refresh` says that the pages were made by other rules than today's.
    """
    hashes = dict(ledger)
    added: list[SourceFile] = []
    changed: list[SourceFile] = []
    same: list[SourceFile] = []
    for file in files:
        match hashes.pop(file.path, None):
            case None:
                added.append(file)
            case file.content_hash:
                same.append(file)
            case _:
                changed.append(file)
    orphans: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(hashes, reverse=True):
        orphans[hashes[path]].append(path)
    moved = [
        Move(orphans[file.content_hash].pop(), file)
        for file in added
        if orphans.get(file.content_hash)
    ]
    moved_files = {move.file for move in moved}
    return Plan(
        added=tuple(file for file in added if file not in moved_files),
        changed=tuple(changed),
        refreshed=tuple(same) if refresh else (),
        moved=tuple(moved),
        removed=tuple(sorted(path for paths in orphans.values() for path in paths)),
        unchanged=() if refresh else tuple(same),
    )
