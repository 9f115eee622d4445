"""Counts WordPiece tokens of ASCII text without the tokenizer.

Passages are measured word by word, and a call of the library takes ten times as long as a word.
"""

import json
import re
from collections.abc import Collection
from typing import Final, Self

# What ASCII text in lower case is cut into before tokens are looked for, and what isn't cut.
_PIECE: Final = re.compile(r"[a-z0-9]+|[^a-z0-9 ]")
_SPECIAL: Final = re.compile(r"\[(?:PAD|UNK|CLS|SEP|MASK)\]")
# A longer piece is one unknown token.
_LONGEST_PIECE: Final = 100
_CACHED_PIECES: Final = 50_000


class PieceCounts(dict[str, int]):
    """The tokens of pieces, each counted at its first use: the longest first, as long as any."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._longest = max(map(len, vocabulary))

    @classmethod
    def from_json(cls, tokenizer: bytes) -> Self:
        """Read the vocabulary from a `tokenizer.json` of bert-base-uncased."""
        return cls(json.loads(tokenizer)["model"]["vocab"])

    def count(self, text: str) -> int | None:
        """Count a text's tokens without the special ones; None for one that isn't plain ASCII."""
        if not text.isascii() or not text.isprintable():
            return None
        if text.isalnum():
            return self[text.lower()]
        # Most other words end with a comma or the like, and that is a piece.
        if (word := text[:-1]).isalnum() and not text.endswith(" "):
            return self[word.lower()] + self[text[-1:]]
        if "[" in text and _SPECIAL.search(text):
            return None
        return sum(map(self.__getitem__, _PIECE.findall(text.lower())))

    def __missing__(self, piece: str) -> int:
        if len(self) >= _CACHED_PIECES:
            self.clear()
        count = self[piece] = self._count(piece)
        return count

    def _count(self, piece: str) -> int:
        if len(piece) > _LONGEST_PIECE:
            return 1
        count = start = 0
        while start < len(piece):
            mark = "##" if start else ""
            ends = range(min(len(piece), start + self._longest), start, -1)
            end = next((end for end in ends if mark + piece[start:end] in self._vocabulary), 0)
            if not end:
                return 1
            start = end
            count += 1
        return count
