"""What readers asked, and what became of it, as the thread store has it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast, get_args

from chatkit.types import (
    AssistantMessageItem,
    FeedbackKind,
    HiddenContextItem,
    SDKHiddenContextItem,
    ThreadItem,
    URLSource,
    UserMessageItem,
)

from evals.results import Status
from server.agent.answers import Exchange
from server.chat.history import message_text
from store.threads.review import ReviewedThread


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A reader's question with its answer, "" when there is none.

    `history` is what was said before in the thread, `cited` are the links of the answer in their
    order, `user_id` tells readers apart. `asked_at` is naive UTC.
    """

    thread_id: str
    user_id: str
    asked_at: datetime
    question: str
    answer: str
    cited: tuple[str, ...]
    outcome: Status
    feedback: FeedbackKind | None
    history: tuple[Exchange, ...]


@dataclass(slots=True)
class _Turn:
    message: UserMessageItem
    items: list[ThreadItem] = field(default_factory=list)

    @property
    def question(self) -> str:
        return message_text(self.message)

    @property
    def answer(self) -> str:
        texts = (part.text for message in self._messages() for part in message.content)
        return "\n\n".join(text for text in texts if text.strip())

    @property
    def cited(self) -> tuple[str, ...]:
        annotations = (
            annotation
            for message in self._messages()
            for part in message.content
            for annotation in part.annotations
        )
        urls = (mark.source.url for mark in annotations if isinstance(mark.source, URLSource))
        return tuple(dict.fromkeys(urls))

    @property
    def outcome(self) -> Status:
        """What the server stored; of older releases' answers, what can be told from them."""
        for item in reversed(self.items):
            match item:
                case HiddenContextItem(content={"answer": {"status": status}}) if (
                    status in get_args(Status)
                ):
                    return cast("Status", status)
                case HiddenContextItem(content={"turn": "failed"}) | SDKHiddenContextItem():
                    return "error"
                case _:
                    continue
        if not self.answer:
            return "error"
        return "answered" if self.cited else "not_found"

    def _messages(self) -> Iterator[AssistantMessageItem]:
        return (item for item in self.items if isinstance(item, AssistantMessageItem))


def asked_questions(thread: ReviewedThread) -> Iterator[AskedQuestion]:
    """Yield the questions of a thread that have words, in order."""
    turns: list[_Turn] = []
    for item in thread.items:
        if isinstance(item, UserMessageItem):
            turns.append(_Turn(item))
        elif turns:
            turns[-1].items.append(item)
    history: list[Exchange] = []
    for turn in turns:
        if not turn.question:
            continue
        given = [thread.feedback[item.id] for item in turn.items if item.id in thread.feedback]
        yield AskedQuestion(
            thread_id=thread.id,
            user_id=thread.user_id,
            asked_at=turn.message.created_at,
            question=turn.question,
            answer=turn.answer,
            cited=turn.cited,
            outcome=turn.outcome,
            feedback="negative" if "negative" in given else given[0] if given else None,
            history=tuple(history),
        )
        if turn.answer:
            history.append(Exchange(turn.question, turn.answer))
