"""The files that pages include: where they lie, and what they hold."""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from os.path import isdir, isfile
from pathlib import Path

_LARGEST_BYTES = 1_000_000
_ADDRESSES = ("http://", "https://")


class IncludeError(Exception):
    """A file can't be included; `str(error)` is the reason."""


class IncludedFiles:
    """Finds what the pages of one docs folder include, never outside of `project`."""

    def __init__(self, docs: Path, project: Path) -> None:
        self._docs = docs
        self._project = project
        self._sought: set[str] = set()
        self._bases: dict[Path, tuple[str, ...]] = {}
        self._folders: dict[str, Path] = {}
        self._pages_folders: dict[str, Path] = {}
        self._there: dict[str, dict[str, bool]] = {}
        self._has_folder: dict[str, bool] = {}

    @property
    def sought(self) -> frozenset[Path]:
        """Where included files were looked for: a change there may change a page."""
        locations = (Path(candidate).resolve() for candidate in self._sought)
        return frozenset(each for each in locations if each.is_relative_to(self._project))

    def folder_of(self, path: str) -> Path:
        """Return the folder of a page."""
        below = path.rpartition("/")[0]
        folder = self._pages_folders.get(below)
        if folder is None:
            folder = self._pages_folders[below] = self._docs / below
        return folder

    def any_is_there(self, names: Iterable[str], path: str) -> bool:
        """Tell whether there is anything that the page at `path` could mean by any of the names.

        All are looked for, since any that comes later may change the page; each once for all
        pages of a folder.
        """
        known = self._there.setdefault(path.rpartition("/")[0], {})
        found = False
        for name in names:
            there = known.get(name)
            if there is None:
                candidates = self._candidates(name, self.folder_of(path))
                there = known[name] = any(map(self._is_file, candidates))
            found = found or there
        return found

    def _is_file(self, candidate: str) -> bool:
        # Of most candidates not even the folder is there.
        folder = candidate.rpartition("/")[0]
        has_folder = self._has_folder.get(folder)
        if has_folder is None:
            has_folder = self._has_folder[folder] = isdir(folder)  # noqa: PTH112  as in `read`
        return has_folder and isfile(candidate)  # noqa: PTH113

    def read(self, name: str, folder: Path) -> tuple[Path, list[str]]:
        """Find the file that a page in `folder` means by `name`, and return its lines.

        Raises `IncludeError`.
        """
        if name.startswith(_ADDRESSES):
            raise IncludeError(f"{name} is not fetched")
        outside = False
        for candidate in self._candidates(name, folder):
            # Most candidates are not there, and a path object takes longer than to ask for it.
            if not isfile(candidate):  # noqa: PTH113
                continue
            location = self._resolved(candidate)
            if not location.is_relative_to(self._project):
                outside = True
            elif location.stat().st_size <= _LARGEST_BYTES:
                text = location.read_bytes().decode("utf-8", "replace")
                return location, text.replace("\r\n", "\n").removesuffix("\n").split("\n")
        if outside:
            raise IncludeError(f"{name} leads out of {self._project.name}/; not included")
        raise IncludeError(f"{name} is not there; not included")

    def _candidates(self, name: str, folder: Path) -> Iterator[str]:
        """Yield the places in which generators look, and keep that they were looked at."""
        if name.startswith(_ADDRESSES):
            return
        of_docs = name.startswith("@/")
        below = name[2:] if of_docs else name.lstrip("/")
        for base in (str(self._docs),) if of_docs else self._bases_of(folder):
            candidate = f"{base}/{below}"
            self._sought.add(candidate)
            yield candidate

    def _bases_of(self, folder: Path) -> tuple[str, ...]:
        """Return what generators resolve against.

        That is the page, the docs or the folder of their configuration, which lies above the page.
        """
        bases = self._bases.get(folder)
        if bases is None:
            above = takewhile(lambda each: each.is_relative_to(self._project), folder.parents)
            bases = self._bases[folder] = tuple(map(str, (folder, self._docs, *above)))
        return bases

    def _resolved(self, file: str) -> Path:
        """Resolve the path of a file, whose folder is mostly that of others."""
        folder, _, name = file.rpartition("/")
        resolved = self._folders.get(folder)
        if resolved is None:
            resolved = self._folders[folder] = Path(folder).resolve()
        location = resolved / name
        return location.resolve() if location.is_symlink() else location
