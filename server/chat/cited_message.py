"""One message of the assistant while it streams: its text without markers, and its annotations."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemUpdatedEvent,
    URLSource,
)

from server.answer.answer_text import AnswerText, TextRules
from server.answer.cards import source_path, source_title
from server.answer.citations import Citation, Piece
from server.answer.evidence import Evidence

PartUpdate = (
    AssistantMessageContentPartAdded
    | AssistantMessageContentPartTextDelta
    | AssistantMessageContentPartAnnotationAdded
    | AssistantMessageContentPartDone
)


def utc_now() -> datetime:
    """Return the time as the SDK wants it: naive, in UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def url_annotation(citation: Citation) -> Annotation:
    """Make the annotation that leads to the cited heading."""
    passage = citation.passage
    return Annotation(
        source=URLSource(
            url=passage.url,
            title=source_title(passage),
            description=source_path(passage),
        ),
        index=citation.index,
    )


@dataclass(slots=True)
class _Part:
    written: AnswerText
    annotations: list[Annotation] = field(default_factory=list)
    received: bool = False
    done: bool = False

    @property
    def content(self) -> AssistantMessageContent:
        return AssistantMessageContent(text=self.written.text, annotations=list(self.annotations))


class CitedMessage:
    """Turns what the model writes into the updates that a reader's client is sent.

    `citations` lists the accepted ones of all content parts, in the order of their use.
    """

    def __init__(self, item_id: str, thread_id: str, evidence: Evidence, rules: TextRules) -> None:
        self.id = item_id
        self.citations: list[Citation] = []
        self._thread_id = thread_id
        self._created_at = utc_now()
        self._evidence = evidence
        self._rules = rules
        self._parts: dict[int, _Part] = {}

    @property
    def item(self) -> AssistantMessageItem:
        """The message as it stands."""
        return AssistantMessageItem(
            id=self.id,
            thread_id=self._thread_id,
            created_at=self._created_at,
            content=[self._parts[index].content for index in sorted(self._parts)],
        )

    @property
    def texts(self) -> list[AnswerText]:
        """The text of each content part with its checked citations."""
        return [self._parts[index].written for index in sorted(self._parts)]

    @property
    def has_text(self) -> bool:
        """Whether there is anything to read in it."""
        return any(part.written.text.strip() for part in self._parts.values())

    def rewritten(self, text: str, rules: TextRules) -> "CitedMessage":
        """Return another version of this message, of the same id and time."""
        message = CitedMessage(self.id, self._thread_id, self._evidence, rules)
        message._created_at = self._created_at
        for _ in message.end([AssistantMessageContent(text=text)]):
            pass  # It is shown as a whole.
        return message

    def begin_part(self, index: int) -> Iterator[ThreadItemUpdatedEvent]:
        """Begin a content part, once."""
        if index not in self._parts:
            part = self._parts[index] = _Part(AnswerText(self._evidence, self._rules))
            yield self._update(
                AssistantMessageContentPartAdded(content_index=index, content=part.content)
            )

    def write(self, index: int, delta: str) -> Iterator[ThreadItemUpdatedEvent]:
        """Add text of the model's; markers in it become annotations."""
        yield from self.begin_part(index)
        part = self._parts[index]
        part.received = True
        yield from self._show(index, part, part.written.feed(delta))

    def end_part(self, index: int) -> Iterator[ThreadItemUpdatedEvent]:
        """End a content part, once."""
        yield from self.begin_part(index)
        part = self._parts[index]
        if not part.done:
            part.done = True
            yield from self._show(index, part, part.written.finish())
            yield self._update(
                AssistantMessageContentPartDone(content_index=index, content=part.content)
            )

    def end(self, written: list[AssistantMessageContent]) -> Iterator[ThreadItemUpdatedEvent]:
        """End the message; `written` is the whole of what the model wrote.

        A refusal is not streamed: its text comes with the finished message alone.
        """
        for index, content in enumerate(written):
            yield from self.begin_part(index)
            part = self._parts[index]
            if content.text and not part.received and not part.done:
                yield from self.write(index, content.text)
        for index in sorted(self._parts):
            yield from self.end_part(index)

    def _show(
        self, index: int, part: _Part, pieces: list[Piece]
    ) -> Iterator[ThreadItemUpdatedEvent]:
        for piece in pieces:
            if isinstance(piece, str):
                yield self._update(
                    AssistantMessageContentPartTextDelta(content_index=index, delta=piece)
                )
            else:
                self.citations.append(piece)
                part.annotations.append(url_annotation(piece))
                yield self._update(
                    AssistantMessageContentPartAnnotationAdded(
                        content_index=index,
                        annotation_index=len(part.annotations) - 1,
                        annotation=part.annotations[-1],
                    )
                )

    def _update(self, update: PartUpdate) -> ThreadItemUpdatedEvent:
        return ThreadItemUpdatedEvent(item_id=self.id, update=update)
