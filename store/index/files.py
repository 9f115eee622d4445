"""Copy and make durable the files of a generation."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder, leaving holes in files as holes.

    The engine reserves 100 MB for each shard, of which a small one fills a thousandth.
    """
    shutil.copytree(source, target, copy_function=_copy_file)


def sync_tree(folder: Path) -> None:
    """Have everything in a folder on disk, copied files that the engine did not touch included."""
    for parent, _, files in os.walk(folder):
        for file in files:
            sync(Path(parent, file))
        sync(Path(parent))


def sync(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Give a file new content: a reader, also one after a power cut, sees the old or the new."""
    new = path.with_name(f"{path.name}.next")
    new.write_bytes(content)
    sync(new)
    new.replace(path)
    sync(path.parent)


def _copy_file(source: str, target: str) -> None:
    with Path(source).open("rb") as old, Path(target).open("xb") as new:
        new.truncate(os.fstat(old.fileno()).st_size)
        for start, end in _data(Path(source)):
            old.seek(start)
            new.seek(start)
            for position in range(start, end, _CHUNK):
                new.write(old.read(min(_CHUNK, end - position)))


def _data(path: Path) -> Iterator[tuple[int, int]]:
    """Yield where a file holds data, as the file system tells; between are holes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        end = 0
        while end < size:
            try:
                start = os.lseek(descriptor, end, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # There is only a hole from here.
                    return
                raise
            end = os.lseek(descriptor, start, os.SEEK_HOLE)
            yield start, end
    finally:
        os.close(descriptor)
