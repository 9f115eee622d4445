"""What readers asked and the docs did not answer, gathered for those who write the docs."""

from collections import Counter
from collections.abc import AsyncIterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Literal, Protocol

from evals.clustering import cluster
from evals.conversations import AskedQuestion, asked_questions
from server.search.followup import contextual_query
from store.ports import Embedder
from store.records import ScoredPassage
from store.threads.review import ReviewedThread

Reason = Literal["not_found", "partial", "downvoted"]

# With the bundled embedder, paraphrases are mostly nearer to each other than this, and other
# questions hardly ever.
SAME_QUESTION = 0.55
_NEAREST_PAGES = 3
_SEARCHED = 20
_EMBEDDED_AT_ONCE = 64


class Searches(Protocol):
    """The part of `server.search.retrieval.Retriever` that is used."""

    async def search(self, query: str, *, limit: int) -> list[ScoredPassage]:
        """Return ranked passages, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that was not answered well, and in which ways; `query` stands on its own."""

    asked: AskedQuestion
    reasons: tuple[Reason, ...]
    query: str


@dataclass(frozen=True, slots=True)
class NearestPage:
    """Where an answer would belong: `source` is the page's file, `heading` its nearest section."""

    title: str
    heading: str
    url: str
    source: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions for the same: `question` is the most typical, `wordings` are all, without repeats.

    `users` counts readers, `times` questions; `reasons` how often which was the reason.
    """

    question: str
    wordings: tuple[str, ...]
    users: int
    times: int
    reasons: dict[Reason, int]
    last_asked: date
    threads: tuple[str, ...]
    nearest: tuple[NearestPage, ...]


@dataclass(frozen=True, slots=True)
class GapReport:
    """All gaps, those that affect most readers first, and out of how many questions."""

    gaps: tuple[Gap, ...]
    questions: int
    users: int
    unanswered: int


async def find_gaps(
    threads: AsyncIterable[ReviewedThread],
    embedder: Embedder,
    retriever: Searches,
    *,
    docs: str,
    similarity: float = SAME_QUESTION,
) -> GapReport:
    """Gather the unanswered questions of all threads; `docs` is the docs folder.

    Questions count as one from this `similarity` on, a cosine.

    Off-topic questions are no gap of the docs, nor are answers that broke off, unless a reader
    voted them down.
    """
    asked = [question async for thread in threads for question in asked_questions(thread)]
    found = list(_unanswered(asked))
    vectors = []
    for start in range(0, len(found), _EMBEDDED_AT_ONCE):
        texts = [item.query for item in found[start : start + _EMBEDDED_AT_ONCE]]
        vectors += await embedder.embed(texts, kind="query")
    gaps = []
    for group in cluster(vectors, similarity=similarity):
        members = [found[index] for index in group]
        passages = await retriever.search(members[0].query, limit=_SEARCHED)
        gaps.append(_gap(members, _nearest(passages, docs)))
    gaps.sort(key=lambda gap: (-gap.users, -gap.times, -gap.last_asked.toordinal()))
    return GapReport(
        gaps=tuple(gaps),
        questions=len(asked),
        users=len({question.user_id for question in asked}),
        unanswered=len(found),
    )


def _unanswered(questions: Sequence[AskedQuestion]) -> Iterator[Unanswered]:
    for asked in questions:
        reasons: list[Reason] = []
        match asked.outcome:
            case "not_found" | "partial" as reason:
                reasons.append(reason)
        if asked.feedback == "negative":
            reasons.append("downvoted")
        if reasons:
            said = [exchange.question for exchange in asked.history]
            query = contextual_query([*said, asked.question]).text
            yield Unanswered(asked, tuple(reasons), query)


def _gap(members: Sequence[Unanswered], nearest: tuple[NearestPage, ...]) -> Gap:
    asked = [member.asked for member in members]
    reasons = Counter(reason for member in members for reason in member.reasons)
    return Gap(
        question=members[0].query,
        wordings=tuple(dict.fromkeys(" ".join(question.question.split()) for question in asked)),
        users=len({question.user_id for question in asked}),
        times=len(asked),
        reasons=dict(reasons),
        last_asked=max(question.asked_at for question in asked).date(),
        threads=tuple(dict.fromkeys(question.thread_id for question in asked)),
        nearest=nearest,
    )


def _nearest(found: Sequence[ScoredPassage], docs: str) -> tuple[NearestPage, ...]:
    pages: dict[str, NearestPage] = {}
    for scored in found:
        passage = scored.passage
        source = str(PurePosixPath(docs) / passage.path)
        page = NearestPage(passage.title, passage.heading, passage.url, source)
        pages.setdefault(passage.path, page)
    return tuple(pages.values())[:_NEAREST_PAGES]
