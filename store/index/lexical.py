"""BM25 term weights of a text, computed here so that every engine holds the same ones.

The engine adds the other half of BM25, the inverse document frequency, when it searches.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from qdrant_edge import Bm25, Bm25Config, SparseVector, TokenizerType

# Han, kana and Thai: scripts that are written without spaces between words.
_UNSPACED: Final = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff\u0e00-\u0e7f]+"
)


@dataclass(frozen=True, slots=True)
class TermWeights:
    """A sparse vector: `values[i]` is the weight of the term whose hash is `indices[i]`."""

    indices: list[int]
    values: list[float]


def document_terms(text: str) -> TermWeights:
    """Weigh the terms of a text that is to be found."""
    return _weigh(text, Bm25.embed_document)


def query_terms(text: str) -> TermWeights:
    """Weigh the terms of a question; there are none when it is all stop words."""
    return _weigh(text, Bm25.embed_query)


def _weigh(text: str, embed: Callable[[Bm25, str], SparseVector]) -> TermWeights:
    """Cut the two sorts of script each by its own tokenizer and merge the terms.

    The code tokenizer keeps identifiers whole and adds their parts, but takes a run of Chinese
    for one word; the multilingual one cuts it, but loses numbers and the parts of identifiers.
    """
    weights: dict[int, float] = {}
    for bm25, part in (
        (_bm25(TokenizerType.Code), _UNSPACED.sub(" ", text)),
        (_bm25(TokenizerType.Multilingual), " ".join(_UNSPACED.findall(text))),
    ):
        if part.strip():
            vector = embed(bm25, part)
            weights.update(zip(vector.indices, vector.values, strict=True))
    return TermWeights(indices=list(weights), values=list(weights.values()))


@cache
def _bm25(tokenizer: TokenizerType) -> Bm25:
    return Bm25(Bm25Config(tokenizer=tokenizer, ascii_folding=True))
