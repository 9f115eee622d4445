from collections.abc import Sequence

import pytest

from evals.questions import Question, Turn
from evals.systems import AssistantSystem, RetrievalSystem
from server.agent.answers import Answer, Exchange
from server.answer.citations import Citation
from server.limits.prices import Price
from store.records import Passage, Scope, ScoredPassage

QUESTION = Question(id="q", question="How do I install it?", gold=())


def passage(path: str, anchor: str, position: int = 0) -> Passage:
    return Passage(
        id=f"{path}#{anchor}/{position}",
        path=path,
        title="Page",
        heading_path=("Page", anchor),
        anchor=anchor,
        url=f"https://docs.example.com/{path}#{anchor}",
        text=f"About {anchor}.",
        position=position,
        start_line=1,
        end_line=2,
        tokens=3,
    )


class FixedRetriever:
    def __init__(self, found: list[ScoredPassage]) -> None:
        self.found = found
        self.queries: list[tuple[str, int]] = []
        self.scopes: list[Scope | None] = []

    async def search(
        self, query: str, *, limit: int, scope: Scope | None = None
    ) -> list[ScoredPassage]:
        self.queries.append((query, limit))
        self.scopes.append(scope)
        return self.found


class FixedAssistant:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, list[Exchange]]] = []
        self.scopes: list[Scope | None] = []

    async def ask(
        self, question: str, *, history: Sequence[Exchange] = (), scope: Scope | None = None
    ) -> Answer:
        self.asked.append((question, list(history)))
        self.scopes.append(scope)
        return self.answer


async def test_retrieval_alone_ranks_and_prefixes_paths() -> None:
    found = [ScoredPassage(passage("a.md", "one"), 0.9), ScoredPassage(passage("b.md", ""), 0.5)]
    retriever = FixedRetriever(found)
    result = await RetrievalSystem(retriever, path_prefix="docs/").observe(QUESTION)
    [(query, limit)] = retriever.queries
    assert query == QUESTION.question
    assert limit >= 20
    first, second = result.retrieved
    assert (first.rank, first.path, first.anchor, first.score) == (1, "docs/a.md", "one", 0.9)
    assert (second.rank, second.path, second.anchor) == (2, "docs/b.md", "")
    assert first.url == "https://docs.example.com/a.md#one"
    assert result.answer is None
    assert result.status is None
    assert result.seconds["search"] >= 0


async def test_answer_is_kept_with_each_citation_once_and_checked() -> None:
    there, gone = passage("a.md", "one"), passage("a.md", "gone", 1)
    answer = Answer(
        text="Run it [1]. Then stop [2][1].",
        citations=(Citation(1, there, 6), Citation(2, gone, 17), Citation(1, there, 17)),
        status="partial",
        retrieved=[ScoredPassage(there, 0.9)],
        seconds={"search": 0.1, "first_token": 0.2, "total": 0.3},
        tools=("search_docs",),
        tokens={"input": 900, "cached": 0, "output": 40},
    )
    sections = frozenset({("a.md", "one")})
    assistant = FixedAssistant(answer)
    result = await AssistantSystem(assistant, sections, path_prefix="docs/").observe(QUESTION)
    assert assistant.asked == [(QUESTION.question, [])]
    assert [(cite.marker, cite.path, cite.anchor) for cite in result.citations] == [
        (1, "docs/a.md", "one"),
        (2, "docs/a.md", "gone"),
    ]
    assert [cite.resolves for cite in result.citations] == [True, False]
    assert result.citations[0].text == "About one."
    assert result.status == "partial"
    assert result.answer == answer.text
    assert result.seconds == answer.seconds
    assert result.tokens == answer.tokens
    assert result.tools == ("search_docs",)
    assert [found.path for found in result.retrieved] == ["docs/a.md"]


async def test_an_answer_has_its_price_and_the_evidence_that_it_was_given_for() -> None:
    answer = Answer(
        text="Yes.",
        citations=(),
        status="answered",
        retrieved=[],
        seconds={},
        tokens={"input": 1_000, "cached": 0, "output": 100},
        score=0.7,
        threshold=0.5,
    )
    price = Price(read=0.25, written=2)
    priced = AssistantSystem(FixedAssistant(answer), frozenset(), price=price)
    result = await priced.observe(QUESTION)
    assert result.cost == pytest.approx(0.00045)
    assert (result.evidence, result.threshold) == (0.7, 0.5)
    free = await AssistantSystem(FixedAssistant(answer), frozenset()).observe(QUESTION)
    assert free.cost is None


async def test_a_question_is_asked_in_its_version_and_locale() -> None:
    asked = QUESTION.model_copy(update={"version": "2.0", "locale": "de"})
    retriever = FixedRetriever([])
    await RetrievalSystem(retriever).observe(asked)
    assistant = FixedAssistant(
        Answer(text="", citations=(), status="not_found", retrieved=[], seconds={})
    )
    result = await AssistantSystem(assistant, frozenset()).observe(asked)
    assert retriever.scopes == assistant.scopes == [Scope(version="2.0", locale="de")]
    assert (result.version, result.locale) == ("2.0", "de")


FOLLOW_UP = Question(
    id="f",
    question="And in Docker?",
    gold=(),
    turns=(
        Turn(question="How do I install it?", answer="With make [1]."),
        Turn(question="Is that all?"),
    ),
)


async def test_a_follow_up_is_asked_after_its_turns() -> None:
    answer = Answer(text="Yes[1].", citations=(), status="answered", retrieved=[], seconds={})
    assistant = FixedAssistant(answer)
    result = await AssistantSystem(assistant, frozenset()).observe(FOLLOW_UP)
    first = Exchange("How do I install it?", "With make .")
    assert assistant.asked == [
        ("Is that all?", [first]),
        ("And in Docker?", [first, Exchange("Is that all?", "Yes.")]),
    ]
    assert result.turns == ("How do I install it?", "Is that all?")


async def test_a_follow_up_is_searched_with_the_subject_that_it_leaves_out() -> None:
    retriever = FixedRetriever([])
    await RetrievalSystem(retriever).observe(FOLLOW_UP)
    [(query, _)] = retriever.queries
    assert query.startswith("And in Docker?")
    assert "install" in query
