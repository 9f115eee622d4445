"""Measures of an answer's text by its words, without a judge model.

Words are compared without case, punctuation and the commonest English function words, on purpose
by simpler means than the server picks its quotations with. An answer in other words than its
source scores low, so these figures are for comparing runs over one set, not for absolute claims.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

# Scripts that put no spaces between words are compared by their characters.
_UNSPACED = r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
_WORD = re.compile(rf"{_UNSPACED}|(?:(?!{_UNSPACED})\w)+")
_MARKER = re.compile(r"\[(\d+)\]")
_FENCED = re.compile(
    r"^( {0,3})(`{3,}|~{3,}).*?(?:^ {0,3}\2[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
# A sentence's end takes the markers behind it along: "It does. [1] So does that."
_SENTENCE_END = re.compile(r"(?<=[.!?])((?:\s*\[\d+\])*)\s+|(?<=[。！？])((?:\s*\[\d+\])*)\s*|\n+")
_FUNCTION_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be by can do does for from has have if in is it its not of on or so "
        "that the their then there these this to use was when which will with you your"
    )
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer without its citation markers, and the numbers of those."""

    text: str
    markers: frozenset[int]


def without_markers(answer: str) -> str:
    """Return an answer without its citation markers, as it is stored and shown."""
    return _MARKER.sub("", answer)


def words(text: str) -> list[str]:
    """Return the content words of a text, in lower case and in order."""
    found = (match.group() for match in _WORD.finditer(text.lower()))
    return [word for word in found if word not in _FUNCTION_WORDS]


def sentences(answer: str) -> list[Sentence]:
    """Split an answer into sentences; code blocks and lines without a word are left out."""
    prose = _FENCED.sub("\n", answer)
    pieces = _SENTENCE_END.sub(lambda end: f"{end[1] or end[2] or ''}\n", prose).split("\n")
    split = (
        Sentence(
            _MARKER.sub("", piece).strip(),
            frozenset(int(number) for number in _MARKER.findall(piece)),
        )
        for piece in pieces
    )
    return [sentence for sentence in split if words(sentence.text)]


def token_f1(answer: str, reference: str) -> float:
    """Return the harmonic mean of word precision and recall, as SQuAD scores answers."""
    got, wanted = Counter(words(without_markers(answer))), Counter(words(reference))
    shared = (got & wanted).total()
    return 2 * shared / (got.total() + wanted.total()) if shared else 0.0


def completeness(answer: str, reference: str) -> float:
    """Return the mean share of each reference sentence's words that the answer has."""
    answer = without_markers(answer)
    return fmean(
        [overlap(sentence.text, answer) for sentence in sentences(reference)]
        or [overlap(reference, answer)]
    )


def overlap(text: str, source: str) -> float:
    """Return the share of a text's different words that the source has, 0 without any word."""
    wanted = set(words(text))
    return len(wanted & set(words(source))) / len(wanted) if wanted else 0.0


def citation_support(answer: str, passages: Mapping[int, Sequence[str]]) -> float | None:
    """Return how well the cited sentences are covered by the passages that each cites.

    `passages` are the cited texts by marker. None when no sentence has a citation.
    """
    cited = [sentence for sentence in sentences(answer) if sentence.markers]
    if not cited:
        return None
    return fmean(
        overlap(
            sentence.text,
            "\n".join(text for marker in sentence.markers for text in passages.get(marker, ())),
        )
        for sentence in cited
    )


def groundedness(answer: str, sources: Sequence[str]) -> float | None:
    """Return how well all sentences are covered by all cited passages; None without a sentence."""
    source = "\n".join(sources)
    return fmean(found) if (found := [overlap(s.text, source) for s in sentences(answer)]) else None


def agrees_yes_no(answer: str, reference: str) -> bool | None:
    """Tell whether both begin with the same yes or no; None if the reference has neither."""
    wanted = _leading_word(reference)
    return _leading_word(answer) == wanted if wanted in {"yes", "no"} else None


def _leading_word(text: str) -> str:
    match = _WORD.search(text.lower())
    return match.group() if match else ""


def meets_checks(
    answer: str,
    *,
    must_contain: Sequence[str],
    must_not_contain: Sequence[str],
    must_match: Sequence[str],
) -> bool:
    """Tell whether an answer says what it must and nothing that it must not.

    The markers of its citations are no part of what it says.
    """
    said = without_markers(answer)
    lowered = said.lower()
    return (
        all(text.lower() in lowered for text in must_contain)
        and not any(text.lower() in lowered for text in must_not_contain)
        and all(re.search(pattern, said) for pattern in must_match)
    )
