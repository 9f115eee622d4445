"""Files that a run writes."""

from pathlib import Path

from store.errors import OperatorError


class OutputError(OperatorError):
    """A file that can't be written."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"Can't write {path}: {problem}")
        self.path = path


def check_folder(path: Path) -> None:
    """Raise `OutputError` for a file that can't be written, before the work is done for it."""
    if path.is_dir():
        raise OutputError(path, "it is a folder")
    if not path.parent.is_dir():
        raise OutputError(path, f"there is no folder {path.parent}")


def write_text(path: Path, text: str) -> None:
    """Write a file; raises `OutputError` when that fails."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def append_line(path: Path, line: str) -> None:
    """Add a line to a file, or begin one; raises `OutputError` when that fails."""
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        end = "\n" if text and not text.endswith("\n") else ""
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{end}{line}\n")
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error
