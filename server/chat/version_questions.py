"""Ask the reader once which version of the docs is meant, and keep what they said.

The question is a structured input for clients that have them, behind a message that says the same
to every other; the next message may answer it as well. What was asked and chosen is kept in the
thread's metadata, which no client sees.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from chatkit.types import (
    AssistantMessageContent,
    StructuredInputAnswer,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)

from server.agent.turn import Turn
from server.answer.answer_text import TextRules
from server.answer.evidence import Evidence
from server.chat.cited_message import CitedMessage, utc_now
from server.chat.history import answers_of, message_text
from server.context import RequestContext
from server.search.docs_versions import KnownVersions
from server.search.rival_versions import named_versions
from store.ports import PassageIndex
from store.threads.store import ThreadStore

_QUESTION_ID = "version"
# What is told apart by other names are products or editions.
_NUMBER = re.compile(r"v?\d")
_ASKED = "versions_asked"
_CHOSEN = "version_chosen"
# A message of more words than this is a question of its own, whatever version it names.
_WORDS_OF_A_CHOICE = 4


@dataclass(frozen=True, slots=True)
class Settled:
    """What is known of versions when a turn begins.

    `items` are those that the model is shown. `replaced` is a question that the reader's message
    has answered or passed over.
    """

    items: Sequence[ThreadItem]
    replaced: StructuredInputItem | None = None


class VersionQuestions:
    """Gives turns the version that they are about, and asks for it where that is open."""

    def __init__(self, threads: ThreadStore, index: PassageIndex, *, enabled: bool) -> None:
        self._threads = threads
        self._versions = KnownVersions(index)
        self._enabled = enabled

    async def settle(
        self,
        thread: ThreadMetadata,
        items: Sequence[ThreadItem],
        turn: Turn,
        context: RequestContext,
    ) -> Settled:
        """Find out which version a turn is about: set its scope, and whether it may ask.

        The version that the question names comes first, then the one that the reader chose, then
        that of the page that they are on, then the one that their client or the settings name.
        Raises `RetrievalUnavailable`.
        """
        known = await self._versions.current()
        asked, chosen = _kept(thread)
        question, replaced = _just_answered(items, known.all)
        if replaced is not None:
            items = [replaced if item.id == replaced.id else item for item in items]
        if question is not None and (version := _chosen(question, known.all)):
            chosen = version
            await self._keep(thread, asked, chosen, context)
        items = _without_answer(items)
        named = named_versions(_question(items), known.all)
        version = min(named) if len(named) == 1 else ""
        if not named:
            declared = context.version if context.version in known.all else ""
            version = chosen or known.of_page(context.page) or declared
        turn.scope = replace(turn.scope, version=version)
        turn.asks_version = self._enabled and not named
        turn.versions_asked = asked
        return Settled(items, replaced)

    async def ask(
        self, thread: ThreadMetadata, turn: Turn, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Ask for one of the turn's rival versions, which ends it until the reader answers."""
        asked, chosen = _kept(thread)
        await self._keep(thread, asked.union(turn.rival_versions), chosen, context)
        new_id = self._threads.generate_item_id
        for event in version_question(
            turn.rival_versions,
            thread_id=thread.id,
            message_id=new_id("message", thread, context),
            item_id=new_id("message", thread, context),
        ):
            yield event

    async def _keep(
        self, thread: ThreadMetadata, asked: frozenset[str], chosen: str, context: RequestContext
    ) -> None:
        def change(now: ThreadMetadata) -> ThreadMetadata:
            kept = {**now.metadata, _ASKED: sorted(asked), _CHOSEN: chosen}
            return now.model_copy(update={"metadata": kept})

        await self._threads.change_thread(thread.id, change, context=context)


def version_question(
    versions: Sequence[str], *, thread_id: str, message_id: str, item_id: str
) -> Iterator[ThreadStreamEvent]:
    """Ask which of the versions is meant: the events that end the turn."""
    message = CitedMessage(message_id, thread_id, Evidence(), TextRules())
    listed = f"{', '.join(versions[:-1])} and {versions[-1]}"
    numbered = all(_NUMBER.match(version) for version in versions)
    several = "several versions" if numbered else "more than one"
    text = f"The docs answer this for {several}: {listed}. Which one do you mean?"
    yield ThreadItemAddedEvent(item=message.item)
    yield from message.end([AssistantMessageContent(text=text)])
    yield ThreadItemDoneEvent(item=message.item)
    yield ThreadItemDoneEvent(
        item=StructuredInputItem(
            id=item_id,
            thread_id=thread_id,
            created_at=utc_now(),
            inputs=[
                StructuredInputMultipleChoice(
                    id=_QUESTION_ID,
                    question="Which version?" if numbered else "Which one?",
                    options=[
                        StructuredInputMultipleChoiceOption(value=version) for version in versions
                    ],
                )
            ],
        )
    )


def _kept(thread: ThreadMetadata) -> tuple[frozenset[str], str]:
    return frozenset(thread.metadata.get(_ASKED, ())), str(thread.metadata.get(_CHOSEN, ""))


def _just_answered(
    items: Sequence[ThreadItem], versions: Collection[str]
) -> tuple[StructuredInputItem | None, StructuredInputItem | None]:
    """Return the question that this turn goes on from, and it again if a message has settled it."""
    match [item for item in items if isinstance(item, StructuredInputItem | UserMessageItem)]:
        case [*_, StructuredInputItem(status="pending") as asked, UserMessageItem() as said]:
            settled = _answered(asked, said, versions)
            return settled, settled
        case [*_, StructuredInputItem() as asked]:
            return asked, None
        case _:
            return None, None


def _chosen(question: StructuredInputItem, versions: Collection[str]) -> str:
    """Return the version that a reader's answer names, in their own words too; "" for none."""
    for said in answers_of(question):
        named = {said} if said in versions else named_versions(f"version {said}", versions)
        if len(named) == 1:
            return min(named)
    return ""


def _answered(
    question: StructuredInputItem, message: UserMessageItem, versions: Collection[str]
) -> StructuredInputItem:
    """Return a question as the reader's next message leaves it: answered, or passed over."""
    said = message_text(message)
    named = named_versions(f"version {said}", versions) if _is_brief(message) else frozenset()
    answered = len(named) == 1
    answer = StructuredInputAnswer(values=sorted(named) if answered else [], skipped=not answered)
    return question.model_copy(
        update={
            "status": "answered" if answered else "skipped",
            "inputs": [one.model_copy(update={"answer": answer}) for one in question.inputs],
        }
    )


def _without_answer(items: Sequence[ThreadItem]) -> Sequence[ThreadItem]:
    """Leave out a last message that only answers the question before it.

    What is to be answered now is the message before that.
    """
    match items:
        case [*before, StructuredInputItem(status="answered"), UserMessageItem() as said]:
            return items[: len(before) + 1] if _is_brief(said) else items
        case _:
            return items


def _is_brief(message: UserMessageItem) -> bool:
    return len(message_text(message).split()) <= _WORDS_OF_A_CHOICE


def _question(items: Sequence[ThreadItem]) -> str:
    asked = (item for item in reversed(items) if isinstance(item, UserMessageItem))
    last = next(asked, None)
    return "" if last is None else message_text(last)
