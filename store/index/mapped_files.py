"""Files that an engine has mapped into memory."""

import ctypes
import sys
from pathlib import Path
from typing import Final

_MAPS: Final = Path("/proc/self/maps")
_MADV_DONTNEED: Final = 4
_FIELDS: Final = 6


def forget_mapped(folder: Path) -> None:
    """Take the pages of the files in a folder out of this process; each comes back when it is read.

    Opening a shard, Qdrant Edge reads all of its files in, which are sparse and hold 5 MB of zeros
    for each field that is filtered by.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    prefix = f"{folder.resolve()}/"
    for line in _MAPS.read_text().splitlines():
        addresses, access, *_, path = line.split(maxsplit=_FIELDS - 1)
        # What is written to shared memory is the file's already, and is not lost with its pages.
        if path.startswith(prefix) and access.endswith("s"):
            start, end = (int(address, 16) for address in addresses.split("-"))
            libc.madvise(start, end - start, _MADV_DONTNEED)
