"""Words that are one slip of the fingers apart."""

import re
from collections import Counter
from collections.abc import Iterable, Set

from server.lexical.rarity import rarity

# In shorter words a slip makes another word: `get` and `set`, `form` and `from`.
_SHORTEST = 5
# Runs of other scripts are no single words.
_WORD = re.compile(rf"[A-Za-zÀ-ɏ]{{{_SHORTEST},}}")
# Words that are known in general are meant as they are written.
_UNKNOWN = 0.95


def correct_spelling(question: str, texts: Iterable[str]) -> str:
    """Put for each word that neither the texts nor the language has the one of theirs it resembles.

    The question comes back as it is when there is no such word.
    """
    rare = {word for word in _WORD.findall(question) if rarity(word.lower()) >= _UNKNOWN}
    if not rare:
        return question
    lowered = [text.lower() for text in texts]
    unknown = {word for word in rare if not any(word.lower() in text for text in lowered)}
    if not unknown:
        return question
    known = Counter(word for text in lowered for word in set(_WORD.findall(text)))
    meant: dict[str, str] = {}
    for word in unknown:
        alike = [other for other in known if is_misspelling(word.lower(), other)]
        if alike:
            meant[word] = max(alike, key=lambda other: (known[other], other))
    return _WORD.sub(lambda found: meant.get(found[0], found[0]), question)


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
