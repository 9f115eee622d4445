"""Give memory that was freed back to the system, where glibc would keep it."""

import ctypes
from contextlib import suppress
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 1_000_000


def return_large_blocks() -> None:
    """Have blocks of a megabyte and more go back to the system as soon as they are freed.

    By itself, glibc raises that bound whenever one is freed: the embedder's work on a few long
    texts would keep 150 MB.
    """
    with suppress(AttributeError):  # Other C libraries have no such function, and no such habit.
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
