"""What takes long to load and much memory is loaded once in a process."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")


class SharedFile(Generic[T]):
    """Hands out what is loaded from a file; it is freed when nobody uses it any more.

    Whoever asks while it is being loaded waits for that.
    """

    def __init__(self, load: Callable[[Path], T]) -> None:
        self._load = load
        self._loaded: WeakValueDictionary[Path, T] = WeakValueDictionary()
        self._loading = Lock()

    def get(self, path: Path) -> T:
        """Return what the file holds; raises what loading it does."""
        with self._loading:
            loaded = self._loaded.get(path)
            if loaded is None:
                loaded = self._loaded[path] = self._load(path)
            return loaded
