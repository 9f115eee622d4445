"""The folder of the embedded index: numbered generations and a pointer to the published one.

    <index_dir>/current                            "000002", replaced atomically
    <index_dir>/generations/000002/manifest.json
    <index_dir>/generations/000002/ledger.json     the content hash of each page, by its path
    <index_dir>/generations/000002/shard/          the engine's files, never changed once published
    <index_dir>/generations/000003.building/       the next one, thrown away if its run dies
    <index_dir>/lock                               held by the ingest that builds

A kill or a power cut at any moment leaves the old or the new generation whole: everything is
synced to disk before the pointer is replaced.
"""

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from pydantic import TypeAdapter, ValidationError

from store.errors import IndexBusyError, IndexCorruptError, IndexMissingError, IndexStorageError
from store.index.files import copy_tree, replace_file, sync, sync_tree
from store.index.manifests import manifest_json, parse_manifest
from store.records import Manifest

KEEP_GENERATIONS: Final = 1
"""Older generations that stay beside the published one, for readers that have not moved over."""

# The engine writes to mapped files: where the disk has no room for them the process is killed by a
# signal. More than one change takes, and the engine's own files grow by 32 MB.
_SPARE_BYTES: Final = 64_000_000

_NUMBER: Final = re.compile(r"\d{6,}")
_BUILDING: Final = ".building"
_SHARD: Final = "shard"
_MANIFEST: Final = "manifest.json"
_LEDGER: Final = "ledger.json"

_HASHES: Final = TypeAdapter(dict[str, str])

PointerStamp = tuple[int, int]
"""Changes whenever the pointer is replaced."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A published generation on disk."""

    number: int
    shard: Path
    manifest: Manifest

    def hashes(self) -> dict[str, str] | None:
        """Return the content hash of each page; None for a generation that has no such file.

        So what has changed is known without loading the engine. Raises `IndexCorruptError`.
        """
        ledger = self.shard.with_name(_LEDGER)
        try:
            return _HASHES.validate_json(ledger.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise IndexCorruptError(str(ledger), "its ledger can't be read") from error


@dataclass(frozen=True, slots=True)
class Draft:
    """The generation that is being built."""

    number: int
    folder: Path

    @property
    def shard(self) -> Path:
        """Folder of the engine's files."""
        return self.folder / _SHARD


class Generations:
    """The generations under one index folder. All methods block."""

    def __init__(self, directory: Path, *, keep: int = KEEP_GENERATIONS) -> None:
        self.directory = directory
        self._keep = keep
        self._folder = directory / "generations"
        self._pointer = directory / "current"

    def stamp(self) -> PointerStamp | None:
        """Return what changes with the published generation; None when there is none."""
        try:
            found = self._pointer.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_mtime_ns, found.st_ino

    def published(self) -> Generation:
        """Return the published generation.

        Raises `IndexMissingError` when there is none, `IndexCorruptError` when it can't be read.
        """
        number = self._published_number()
        if number is None:
            raise IndexMissingError(str(self.directory))
        folder = self._folder / _name(number)
        try:
            raw = (folder / _MANIFEST).read_bytes()
        except OSError as error:
            problem = f"generation {number} can't be read ({error.strerror})"
            raise IndexCorruptError(str(self.directory), problem) from error
        manifest = parse_manifest(raw, location=str(self.directory))
        return Generation(number=number, shard=folder / _SHARD, manifest=manifest)

    def lock(self) -> TextIO:
        """Become the only writer until the returned file is closed, or the process ends."""
        with self._storage_errors():
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self.directory / "lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.close()
                raise IndexBusyError(str(self.directory)) from error
        return lock

    def check_space(self) -> None:
        """Raise `IndexStorageError` when the disk may be too full for the next change."""
        with self._storage_errors():
            free = shutil.disk_usage(self._folder).free
        if free < _SPARE_BYTES:
            problem = f"no space left on the device ({free // 1_000_000} MB are free)"
            raise IndexStorageError(str(self.directory), problem)

    def begin(self, base: Generation | None) -> Draft:
        """Make the next generation's folder: a copy of `base`, or empty. Needs the lock."""
        number = max(self._numbers(), default=0) + 1
        folder = self._folder / f"{_name(number)}{_BUILDING}"
        draft = Draft(number=number, folder=folder)
        with self._storage_errors():
            folder.mkdir()
            if base is not None:
                copy_tree(base.shard, draft.shard)
        return draft

    def publish(self, draft: Draft, manifest: Manifest, hashes: dict[str, str]) -> None:
        """Switch readers to the draft and remove generations beyond those kept. Needs the lock."""
        target = self._folder / _name(draft.number)
        with self._storage_errors():
            (draft.folder / _MANIFEST).write_bytes(manifest_json(manifest))
            (draft.folder / _LEDGER).write_bytes(_HASHES.dump_json(hashes))
            sync_tree(draft.folder)
            draft.folder.rename(target)
            sync(self._folder)
            replace_file(self._pointer, f"{_name(draft.number)}\n".encode("ascii"))
            self.clean()

    def clean(self) -> None:
        """Remove what crashed runs left and generations beyond those kept. Needs the lock."""
        numbers = sorted(self._numbers())
        try:
            published = self._published_number() or 0
            kept = [number for number in numbers if number <= published][-1 - self._keep :]
        except IndexCorruptError:
            kept = numbers  # Which of them is published is for a person to tell.
        names = {_name(number) for number in kept}
        for folder in self._folder.iterdir():
            if folder.name not in names:
                shutil.rmtree(folder, ignore_errors=True)

    def _published_number(self) -> int | None:
        try:
            content = self._pointer.read_bytes().strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            problem = f"its pointer can't be read ({error.strerror})"
            raise IndexCorruptError(str(self.directory), problem) from error
        if not _NUMBER.fullmatch(content.decode("ascii", "replace")):
            raise IndexCorruptError(str(self.directory), "its pointer names no generation")
        return int(content)

    def _numbers(self) -> list[int]:
        return [int(path.name) for path in self._folder.iterdir() if _NUMBER.fullmatch(path.name)]

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            problem = error.strerror or "input/output error"
            raise IndexStorageError(str(self.directory), problem) from error


def _name(number: int) -> str:
    return f"{number:06d}"
