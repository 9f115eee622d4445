"""A stored conversation becomes a question of a set."""

from collections.abc import Iterable, Sequence
from typing import Any

from evals.conversations import AskedQuestion
from store.records import Page


def worth_keeping(asked: Sequence[AskedQuestion]) -> AskedQuestion:
    """Pick the question that a case is made of: the last one voted down, else the last one."""
    disliked = [question for question in asked if question.feedback == "negative"]
    return (disliked or list(asked))[-1]


def make_case(asked: AskedQuestion, number: int, pages: Iterable[Page]) -> dict[str, Any]:
    """Make a row of a question set; `number` counts the thread's questions from 1.

    What a good answer cites becomes `gold`, and one that was voted up the reference. Of any other,
    `gold` is empty: which pages should have answered, a person has to say.
    """
    good = asked.outcome == "answered" and asked.feedback != "negative"
    case: dict[str, Any] = {
        "id": f"{asked.thread_id}-{number}",
        "question": asked.question,
        "gold": list(_gold(asked.cited, pages)) if good else [],
    }
    if asked.history:
        case["turns"] = [
            {"question": earlier.question, "answer": earlier.answer} for earlier in asked.history
        ]
    if asked.feedback == "positive":
        case["answer"] = asked.answer
    case["tags"] = ["from-thread", asked.outcome]
    if asked.feedback == "negative":
        case["tags"].append("downvoted")
    return case


def _gold(urls: Iterable[str], pages: Iterable[Page]) -> Iterable[dict[str, str]]:
    paths = {page.url: page.path for page in pages}
    for url in urls:
        address, _, anchor = url.partition("#")
        if address in paths:
            place = {"path": paths[address]}
            yield place | {"anchor": anchor} if anchor else place
