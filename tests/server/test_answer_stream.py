"""What a reader is sent for what the agent says."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

import pytest
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    URLSource,
)

from server.agent.turn import Turn
from server.chat.answer_stream import AnswerStream
from server.errors import RetrievalUnavailable
from tests.contract.reducer import StreamReducer
from tests.server.sections import section

NOW = datetime(2026, 1, 1)  # noqa: DTZ001 - the SDK's datetimes are naive


def said(*deltas: str, item_id: str = "__fake_id__") -> Iterator[ThreadStreamEvent]:
    """Yield the SDK's events for one message."""

    def message(*content: AssistantMessageContent) -> AssistantMessageItem:
        return AssistantMessageItem(
            id=item_id, thread_id="thr_1", created_at=NOW, content=list(content)
        )

    empty, whole = (AssistantMessageContent(text=text) for text in ("", "".join(deltas)))
    yield ThreadItemAddedEvent(item=message())
    yield updated(item_id, AssistantMessageContentPartAdded(content_index=0, content=empty))
    for delta in deltas:
        yield updated(item_id, AssistantMessageContentPartTextDelta(content_index=0, delta=delta))
    yield updated(item_id, AssistantMessageContentPartDone(content_index=0, content=whole))
    yield ThreadItemDoneEvent(item=message(whole))


def updated(
    item_id: str,
    update: AssistantMessageContentPartAdded
    | AssistantMessageContentPartTextDelta
    | AssistantMessageContentPartDone,
) -> ThreadItemUpdatedEvent:
    return ThreadItemUpdatedEvent(item_id=item_id, update=update)


def answer_stream(turn: Turn) -> AnswerStream:
    ids = count(1)
    return AnswerStream(turn, thread_id="thr_1", new_item_id=lambda: f"msg_{next(ids)}")


def shown(turn: Turn, *messages: Iterator[ThreadStreamEvent]) -> StreamReducer:
    stream = answer_stream(turn)
    reducer = StreamReducer()
    for message in messages:
        for event in message:
            for converted in stream.convert(event):
                reducer.apply(converted)
    for converted in stream.finish():
        reducer.apply(converted)
    return reducer


def turn_with(*headings: str) -> Turn:
    turn = Turn()
    turn.evidence.add([section(heading) for heading in headings])
    return turn


def test_the_card_comes_first_and_is_narrowed_in_its_place() -> None:
    reducer = shown(turn_with("Install", "Run", "Stop"), said("Press Ctrl-C ", "[3", "]."))
    assert reducer.types[:2] == ["progress_update", "thread.item.done"]
    assert reducer.types[-1] == "thread.item.replaced"
    card, answer = reducer.items.values()
    assert card.type == "widget"
    written = card.model_dump_json()
    assert "Stop" in written
    assert "Install" not in written
    assert answer.type == "assistant_message"


def test_markers_become_annotations_and_leave_the_text() -> None:
    reducer = shown(turn_with("Install", "Run"), said("Run it 🚀 ", "[2]", ", once [1]."))
    [content] = reducer.answer.content
    assert content.text == "Run it 🚀, once."
    first, second = content.annotations
    assert isinstance(first.source, URLSource)
    assert first.source.url.endswith("#run")
    assert (first.index, second.index) == (8, 14)


def test_nothing_cited_leaves_no_card() -> None:
    reducer = shown(turn_with("Install"), said("The docs don't say [0]."))
    assert reducer.cards == []
    assert reducer.answer.content[0].text == "The docs don't say."


def test_without_evidence_there_is_no_card() -> None:
    reducer = shown(Turn(), said("Hello!"))
    assert [item.type for item in reducer.items.values()] == ["assistant_message"]


def test_messages_that_share_an_id_get_their_own() -> None:
    reducer = shown(Turn(), said("Let me look."), said("Here it is."))
    assert [item.id for item in reducer.items.values()] == ["msg_1", "msg_2"]


def test_a_failed_search_is_not_answered_from_nothing() -> None:
    turn = Turn(search_failure=RetrievalUnavailable("the engine is down"))
    with pytest.raises(RetrievalUnavailable):
        shown(turn, said("The docs say nothing about it."))


def test_a_failed_search_leaves_what_was_found_before() -> None:
    turn = turn_with("Install")
    turn.search_failure = RetrievalUnavailable("the engine is down")
    assert shown(turn, said("Run make [1].")).answer.content[0].text == "Run make."


def test_a_refusal_that_was_not_streamed_is_shown() -> None:
    events = [event for event in said("I can't help with that.") if not _is_text(event)]
    reducer = shown(Turn(), iter(events))
    assert reducer.answer.content[0].text == "I can't help with that."


def _is_text(event: ThreadStreamEvent) -> bool:
    return isinstance(event, ThreadItemUpdatedEvent) and isinstance(
        event.update, AssistantMessageContentPartTextDelta | AssistantMessageContentPartDone
    )


def test_a_cut_message_keeps_its_text() -> None:
    events = list(said("Half of an ", "answer"))[:3]
    reducer = shown(turn_with("Install"), iter(events))
    assert reducer.answer.content[0].text == "Half of an "
    assert reducer.finished == {reducer.answer.id, "msg_1"}


def test_a_message_cut_before_its_first_word_is_removed() -> None:
    reducer = shown(Turn(), iter(list(said("never"))[:2]))
    assert reducer.items == {}


def test_other_events_pass() -> None:
    reducer = shown(Turn(), iter([ProgressUpdateEvent(text="Searching")]), said("Hello"))
    assert reducer.progress == ["Searching", "Writing"]
