"""How many of a question's words a text has, rarer words counting more."""

from collections.abc import Mapping, Set

from server.lexical.rarity import rarity
from server.lexical.terms import terms_with_words

Weights = Mapping[str, float]


def word_weights(text: str) -> dict[str, float]:
    """Return each content term of a text with the rarity of the word that it comes from."""
    return {term: rarity(word) for term, word in terms_with_words(text)}


def coverage(weights: Weights, found: Set[str]) -> float:
    """Return the share of the terms' weight that is found, from 0 to 1; 0 without any term."""
    total = sum(weights.values())
    return sum(weights[term] for term in weights.keys() & found) / total if total else 0.0
