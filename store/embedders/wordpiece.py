"""The bundled model's tokenizer, apart from the model: it counts tokens in other processes too."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from store.embedders.bundled import TOKENIZER, read_checked

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

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer  # noqa: PLC0415 - loaded where text is cut.

        tokenizer = Tokenizer.from_str(read_checked(self._path, TOKENIZER).decode())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
