"""BM25 term weights of a text, computed here so that every engine holds the same ones.

The engine adds the other half of BM25, the inverse document frequency, when it searches.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from qdrant_edge import Bm25, Bm25Config, SparseVector, TokenizerType

from store.records import TermWeights

# Han, kana and Thai: scripts that are written without spaces between words.
_UNSPACED: Final = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff\u0e00-\u0e7f]+"
)

# Names of several parts and flags: `django.db.models`, `3.11.2`, `x-logo`, `--no-cache`, `--force`.
_COMPOUND: Final = re.compile(
    r"(?<!\w)(?:--?(?=[a-z]))?\w+(?:[./:-]+\w+)+|(?<![\w-])--[a-z]\w*", re.ASCII
)
_SEPARATORS: Final = re.compile(r"\W+")

# Words that are kept with their names, and the characters of each.
_MOST_KEPT: Final = 50_000
_LONGEST_KEPT: Final = 60

LEXICAL_TERMS: Final = "2"
"""Version of the terms made here: raise it with any change, so that older indexes are refused."""

_MEAN_TERMS: Final = 64
"""Terms of a mean passage without stop words; of two real sites: 54 and 75."""


def document_terms(text: str) -> TermWeights:
    """Weigh the terms of a text that is to be found."""
    # Its single characters are terms too, for questions of one character.
    spaced = text
    if not text.isascii():
        spaced = _UNSPACED.sub(lambda run: _joined([*_pairs(run[0]), *run[0]]), text)
    return _weights(_bm25().embed_document(spaced + _compounds(text)))


def query_terms(text: str) -> TermWeights:
    """Weigh the terms of a question; there are none when it is all stop words."""
    spaced = _UNSPACED.sub(lambda run: _joined(_pairs(run[0]) or run[0]), text)
    return _weights(_bm25().embed_query(spaced + _compounds(text)))


def _compounds(text: str) -> str:
    """Return each name of several parts as one word.

    The tokenizer keeps only its parts, of which some are in every text and some, like the `no` of
    `--no-cache`, are stop words.
    """
    return "".join(map(_names.__getitem__, text.split()))


class _Names(dict[str, str]):
    """The names of several parts in a word, each as one word with a space around it.

    Docs say the same words again and again, and few have a separator in them.
    """

    def __missing__(self, word: str) -> str:
        if not any(map(word.__contains__, "-./:")):
            names = ""
        else:
            names = _joined(_SEPARATORS.sub("", name).lower() for name in _COMPOUND.findall(word))
        if len(word) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[word] = names
        return names


_names: Final = _Names()


def _pairs(run: str) -> list[str]:
    """Cut a run into overlapping pairs of characters.

    Unlike words cut by a dictionary, pairs don't depend on the text around them, so a question
    and a page that share a word share its terms.
    """
    return [run[start : start + 2] for start in range(len(run) - 1)]


def _joined(terms: Iterable[str]) -> str:
    return f" {' '.join(terms)} "


def _weights(vector: SparseVector) -> TermWeights:
    return TermWeights(indices=vector.indices, values=vector.values)


@cache
def _bm25() -> Bm25:
    # The code tokenizer keeps identifiers whole and adds their parts.
    return Bm25(Bm25Config(tokenizer=TokenizerType.Code, ascii_folding=True, avg_len=_MEAN_TERMS))
