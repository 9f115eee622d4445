"""The bundled model's tokenizer, apart from the model: it counts tokens in other processes too."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from store.embedders.bundled import TOKENIZER, read_checked
from store.embedders.shared import SharedFile
from store.embedders.wordpiece_counts import PieceCounts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# One in front of a text, one behind it.
_SPECIAL_TOKENS: Final = 2


@dataclass(frozen=True)
class WordPiece:
    """Cuts text into the bundled model's tokens, those of one file.

    The file is read and checked at the first use, which raises `BundledModelError`. A pickled one
    is its path.
    """

    path: Path

    def __reduce__(self) -> "tuple[type[WordPiece], tuple[Path]]":
        return WordPiece, (self.path,)

    def count(self, text: str) -> int:
        """Count the tokens of a text, special ones included."""
        count = self._piece_counts.count(text)
        return len(self._tokenizer.encode(text)) if count is None else count + _SPECIAL_TOKENS

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, special ones included."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def load(self) -> None:
        """Read the file now."""
        _ = self._tokenizer

    @cached_property
    def _piece_counts(self) -> PieceCounts:
        return _PIECE_COUNTS.get(self.path)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return _TOKENIZERS.get(self.path)


def _load(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer  # noqa: PLC0415 - loaded where text is cut.

    tokenizer = Tokenizer.from_str(read_checked(path, TOKENIZER).decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _load_counts(path: Path) -> PieceCounts:
    return PieceCounts.from_json(read_checked(path, TOKENIZER))


_TOKENIZERS: "Final[SharedFile[Tokenizer]]" = SharedFile(_load)
_PIECE_COUNTS: Final = SharedFile(_load_counts)
