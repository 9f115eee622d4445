"""The agent's stream becomes the reader's: a Card of sources, then the answer with citations."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chatkit.types import (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    WidgetItem,
)

from server.agent.answer_record import answer_record
from server.agent.answers import answer_status
from server.agent.turn import Turn
from server.answer.answer_text import AnswerText
from server.answer.cards import Source, nearest_card, sources_card, sources_text
from server.chat.cited_message import CitedMessage, utc_now
from store.records import Passage

_SOURCES_BEFORE_THE_ANSWER = 5
_NEAREST_PAGES = 3


class AnswerStream:
    """Rewrites the events of one turn.

    The Card of sources comes right before the answer, so that the answer stays the last item,
    under which clients show their feedback buttons. It is narrowed to what was cited, in its
    place, when the turn ends. Messages get ids of the store's own: Chat Completions models give
    all theirs the same one.
    """

    def __init__(self, turn: Turn, *, thread_id: str, new_item_id: Callable[[], str]) -> None:
        self._turn = turn
        self._thread_id = thread_id
        self._new_item_id = new_item_id
        self._card: WidgetItem | None = None
        self._message: CitedMessage | None = None
        self._cited: dict[str, Source] = {}
        self._texts: list[AnswerText] = []

    def record(self, *, failed: bool = False) -> dict[str, Any]:
        """Describe the answer as it is now, for the store."""
        return answer_record(self._turn, self._texts, failed=failed)

    def convert(self, event: ThreadStreamEvent) -> Iterator[ThreadStreamEvent]:
        """Yield what the reader gets for one event of the agent's.

        Raises `RetrievalUnavailable` when the model begins to answer after a failed search.
        """
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem()):
                yield from self._begin()
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
                if self._message is None:
                    yield from self._begin()
                if self._message is not None:
                    yield from self._end(self._message, item)
            case ThreadItemUpdatedEvent(update=update) if self._message is not None:
                match update:
                    case AssistantMessageContentPartAdded():
                        yield from self._message.begin_part(update.content_index)
                    case AssistantMessageContentPartTextDelta():
                        yield from self._message.write(update.content_index, update.delta)
                    case AssistantMessageContentPartDone():
                        yield from self._message.end_part(update.content_index)
                    case AssistantMessageContentPartAnnotationAdded():
                        pass  # A model's own annotations are no checked citations.
                    case _:
                        yield event
            case _:
                yield event

    def finish(self, *, failed: bool = False) -> Iterator[ThreadStreamEvent]:
        """Close a message that a failure cut, then narrow the Card to what was cited.

        An answer that the docs don't have leaves the nearest pages on the Card, and where to ask.
        """
        if self._message is not None:
            if self._message.has_text:
                yield from self._end(self._message, self._message.item)
            else:
                yield ThreadItemRemovedEvent(item_id=self._message.id)
                self._message = None
        if self._card is not None:
            if self._cited:
                yield ThreadItemReplacedEvent(
                    item=self._card_item(list(self._cited.values()), actions=True)
                )
            elif not failed and answer_status(self._turn, self._texts) == "not_found":
                yield ThreadItemReplacedEvent(item=self._nearest_item(self._card))
            else:
                yield ThreadItemRemovedEvent(item_id=self._card.id)

    def _begin(self) -> Iterator[ThreadStreamEvent]:
        self._turn.check_evidence()
        passages = self._turn.evidence.passages
        if self._card is None and passages:
            shown = [self._source(passage) for passage in passages[:_SOURCES_BEFORE_THE_ANSWER]]
            self._card = self._card_item(shown)
            yield ThreadItemDoneEvent(item=self._card)
        self._message = CitedMessage(
            self._new_item_id(), self._thread_id, self._turn.evidence, self._turn.rules
        )
        yield ThreadItemAddedEvent(item=self._message.item)

    def _end(
        self, message: CitedMessage, written: AssistantMessageItem
    ) -> Iterator[ThreadStreamEvent]:
        yield from message.end(written.content)
        self._texts += message.texts
        yield ThreadItemDoneEvent(item=message.item)
        for citation in message.citations:
            # Numbered by first use over the whole turn, as clients number the annotations.
            number = len(self._cited) + 1
            source = self._source(citation.passage, marker=number)
            self._cited.setdefault(citation.passage.url, source)
        self._message = None

    def _source(self, passage: Passage, *, marker: int | None = None) -> Source:
        return Source(passage, marker=marker, about=" ".join(self._turn.queries))

    def _nearest_item(self, card: WidgetItem) -> WidgetItem:
        pages: dict[str, Source] = {}
        for scored in self._turn.retrieved:
            pages.setdefault(scored.passage.path, self._source(scored.passage))
        nearest = list(pages.values())[:_NEAREST_PAGES]
        return WidgetItem(
            id=card.id,
            thread_id=card.thread_id,
            created_at=card.created_at,
            widget=nearest_card(nearest, support_url=self._turn.support_url),
            copy_text=sources_text(nearest),
        )

    def _card_item(self, sources: Sequence[Source], *, actions: bool = False) -> WidgetItem:
        return WidgetItem(
            id=self._new_item_id() if self._card is None else self._card.id,
            thread_id=self._thread_id,
            created_at=utc_now() if self._card is None else self._card.created_at,
            widget=sources_card(sources, actions=actions),
            copy_text=sources_text(sources),
        )
