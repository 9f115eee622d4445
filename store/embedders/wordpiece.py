"""The bundled model's tokenizer, apart from the model: it counts tokens in other processes too."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from store.embedders.bundled import TOKENIZER, read_checked
from store.embedders.shared import SharedFile

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class WordPiece:
    """Cuts text into the bundled model's tokens.

    The file is read and checked at the first use, which raises `BundledModelError`. A pickled one
    is its path.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> "tuple[type[WordPiece], tuple[Path]]":
        return WordPiece, (self._path,)

    def count(self, text: str) -> int:
        """Count the tokens of a text, special ones included."""
        return len(self._tokenizer.encode(text))

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, special ones included."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def load(self) -> None:
        """Read the file now."""
        _ = self._tokenizer

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return _TOKENIZERS.get(self._path)


def _load(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer  # noqa: PLC0415 - loaded where text is cut.

    tokenizer = Tokenizer.from_str(read_checked(path, TOKENIZER).decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


_TOKENIZERS: "Final[SharedFile[Tokenizer]]" = SharedFile(_load)
