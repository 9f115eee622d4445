"""The agent's stream becomes the reader's: a Card of sources, then the answer with citations."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from chatkit.types import (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ProgressUpdateEvent,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    WidgetItem,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from server.agent.answer_record import answer_record
from server.agent.answers import answer_status
from server.agent.turn import Turn
from server.answer.answer_text import AnswerText, is_improved, readable_text
from server.answer.cards import Source, nearest_list, sources_card, sources_text
from server.answer.images import section_image
from server.chat.cited_message import CitedMessage, utc_now
from server.chat.thoughts import Thoughts
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
        self._ended: list[CitedMessage] = []
        self._held: list[ThreadStreamEvent] = []
        self._thoughts = Thoughts(thread_id=thread_id, new_item_id=new_item_id, clean=self._clean)

    def record(self, *, failed: bool = False) -> dict[str, Any]:
        """Describe the answer as it is now, for the store."""
        return answer_record(self._turn, self.texts, failed=failed)

    @property
    def unsupported(self) -> list[str]:
        """What the last message cites and its passages don't say."""
        if not self._ended or self._turn.client_call is not None:
            return []
        texts = self._ended[-1].texts
        return [claim for text in texts for claim in text.unsupported]

    @property
    def texts(self) -> list[AnswerText]:
        """The checked texts of the messages that have ended."""
        return [text for message in self._ended for text in message.texts]

    def convert(self, event: ThreadStreamEvent) -> Iterator[ThreadStreamEvent]:
        """Yield what the reader gets for one event of the agent's.

        Raises `RetrievalUnavailable` when the model begins to answer after a failed search.
        """
        yield from self.release()
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem()):
                yield from self._begin()
            case ThreadItemAddedEvent(item=WorkflowItem()):
                pass  # It may stay empty.
            case ThreadItemUpdatedEvent(
                update=(
                    WorkflowTaskAdded(task=ThoughtTask() as task)
                    | WorkflowTaskUpdated(task=ThoughtTask() as task)
                ) as update
            ):
                yield from self._thoughts.write(update.task_index, task.content)
            case ThreadItemDoneEvent(item=WorkflowItem()):
                yield from self._thoughts.end()
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

    def release(self) -> Iterator[ThreadStreamEvent]:
        """Yield the end of a message that was held back to go with that of the turn."""
        held, self._held = self._held, []
        yield from held

    def revise(self, text: str) -> Iterator[ThreadStreamEvent]:
        """Replace the last message by what the model wrote again, if that one holds better."""
        first = self._ended[-1]
        revised = first.rewritten(text, self._turn.rules)
        if not is_improved(revised.texts, first.texts):
            self._turn.revision = "kept"
            return
        self._turn.revision = "replaced"
        self._ended[-1] = revised
        yield ThreadItemReplacedEvent(item=revised.item)

    def finish(self, *, failed: bool = False) -> Iterator[ThreadStreamEvent]:
        """Close a message that a failure cut, then narrow the Card to what was cited.

        An answer that the docs don't have leaves the nearest pages on the Card, and where to ask.
        """
        yield from self.release()
        yield from self._thoughts.end()
        if self._message is not None:
            if self._message.has_text:
                yield from self._end(self._message, self._message.item)
                yield from self.release()
            else:
                yield ThreadItemRemovedEvent(item_id=self._message.id)
                self._message = None
        if self._card is not None:
            if cited := self._cited():
                yield ThreadItemReplacedEvent(item=self._card_item(cited, actions=True))
            elif not failed and answer_status(self._turn, self.texts) == "not_found":
                yield ThreadItemReplacedEvent(item=self._nearest_item(self._card))
            else:
                yield ThreadItemRemovedEvent(item_id=self._card.id)

    def _begin(self) -> Iterator[ThreadStreamEvent]:
        self._turn.check_evidence()
        yield from self._thoughts.end()
        yield ProgressUpdateEvent(icon="write", text="Writing")
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
        self._held.append(ThreadItemDoneEvent(item=message.item))
        self._ended.append(message)
        self._message = None

    def _cited(self) -> list[Source]:
        """Return what is cited, numbered by first use over the whole turn, as clients do it."""
        cited: dict[str, Source] = {}
        for message in self._ended:
            for citation in message.citations:
                source = self._source(citation.passage, marker=len(cited) + 1)
                cited.setdefault(citation.passage.url, source)
        return _with_one_image(list(cited.values()), hosts=self._turn.rules.links.hosts)

    def _clean(self, thought: str) -> str:
        return readable_text(thought, self._turn.rules)

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
            widget=nearest_list(nearest, support_url=self._turn.support_url),
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


def _with_one_image(sources: list[Source], *, hosts: Collection[str]) -> list[Source]:
    """Let the first source whose section has an image show it: a Card is no gallery."""
    for place, source in enumerate(sources):
        image = section_image(source.passage, hosts=hosts)
        if image is not None:
            return [*sources[:place], replace(source, image=image), *sources[place + 1 :]]
    return sources
