"""A follow-up is searched together with what it follows up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.lexical.terms import stem, stop_words, terms

# "And in Docker?", "what about Postgres?": what follows is no question by itself.
_CONTINUES = re.compile(
    r"\s*(?:and|or|but|also|then|so|same|ok(?:ay)?|what about|how about|what if|und|oder|aber"
    r"|dann|auch|wie ist es)\b",
    re.IGNORECASE,
)
# "How do I stop it?", "what does that do?": the subject is in the question before.
_REFERS = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|there|one|ones|same|instead|another|other"
    r"|es|das|dies\w*|damit|dafür|dort|stattdessen)\b",
    re.IGNORECASE,
)
# A question with more content words than this names its subject itself.
_FEW_WORDS = 4
_CARRIED_WORDS = 10


@dataclass(frozen=True, slots=True)
class ContextualQuery:
    """A question, and the words of its subject that it leaves to what was said before."""

    question: str
    subject: str = ""

    @property
    def text(self) -> str:
        """What to search for."""
        return f"{self.question} {self.subject}".strip()


def contextual_query(questions: Sequence[str], *, quoted: str = "") -> ContextualQuery:
    """Return the last question with the subject that it leaves out.

    `quoted` is a part of an earlier answer that the reader points at.
    """
    query = ContextualQuery("")
    for question in questions:
        words = " ".join(question.split())
        follows = _leaves_subject_out(words)
        query = ContextualQuery(words, _subject(query.text, words) if follows else "")
    if quoted:
        subject = f"{query.subject} {_subject(quoted, query.text)}".strip()
        query = ContextualQuery(query.question, subject)
    return query


def _leaves_subject_out(question: str) -> bool:
    named = len(set(terms(question)))
    if named == 0:
        return True
    refers = _CONTINUES.match(question) or _REFERS.search(question)
    return refers is not None and named <= _FEW_WORDS


def _subject(text: str, question: str) -> str:
    """Return the first content words of a text that the question has not, as written."""
    seen = set(terms(question))
    carried: list[str] = []
    for word in re.findall(r"[^\s?!,;:()\"“”]+", text):
        bare = word.strip(".'`*")
        found = set(terms(bare))
        if found and not found <= seen and bare.lower() not in stop_words():
            carried.append(bare)
            seen |= found | {stem(bare.lower())}
    return " ".join(carried[:_CARRIED_WORDS])
