"""Words that are one slip of the fingers apart."""

from collections.abc import Iterable, Set

# In shorter words a slip makes another word: `get` and `set`, `form` and `from`.
_SHORTEST = 5


def with_misspelled(asked: Iterable[str], found: Set[str]) -> frozenset[str]:
    """Return the terms found, and those of the question that are one of them, misspelled.

    The first letter is hardly ever the wrong one, and has to agree.
    """
    missing = [term for term in asked if term not in found and _is_word(term)]
    meant = (term for term in missing if any(is_misspelling(term, other) for other in found))
    return frozenset(found).union(meant)


def is_misspelling(word: str, meant: str) -> bool:
    """Tell whether one letter too many, too few, wrong, or two exchanged make one the other."""
    if abs(len(word) - len(meant)) > 1 or word[0] != meant[0] or not _is_word(meant):
        return False
    at = next((at for at, pair in enumerate(zip(word, meant, strict=False)) if len({*pair}) > 1), 0)
    if not at:
        return abs(len(word) - len(meant)) == 1
    if len(word) > len(meant):
        return word[at + 1 :] == meant[at:]
    if len(word) < len(meant):
        return word[at:] == meant[at + 1 :]
    exchanged = word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    return word[at + 1 :] == meant[at + 1 :] or exchanged == meant[at:]


def _is_word(term: str) -> bool:
    return len(term) >= _SHORTEST and term.isalpha()
