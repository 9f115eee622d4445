"""What a reader can do with the Card of sources, over real HTTP."""

from typing import Any

import pytest

from tests.server.serving import ChatClient, as_sent


@pytest.fixture
def client(new_reader: ChatClient) -> ChatClient:
    return new_reader


class Answered:
    """A thread with a Card under its question."""

    def __init__(self, client: ChatClient) -> None:
        self.client = client
        answer = client.ask("How often is a job that fails tried again?")
        assert answer.thread is not None
        self.thread_id = answer.thread.id
        [card] = answer.cards
        self.card_id = card.id
        self.card = self.stored()

    def stored(self) -> dict[str, Any]:
        items = self.client.list_items(self.thread_id)
        return next(item for item in items if item["id"] == self.card_id)

    def act(self, type_: str, **payload: object) -> Any:
        return self.client.request(
            "threads.sync_custom_action",
            thread_id=self.thread_id,
            item_id=self.card_id,
            action={"type": type_, "payload": payload},
        )


@pytest.fixture
def answered(client: ChatClient) -> Answered:
    return Answered(client)


def urls(card: dict[str, Any]) -> list[str]:
    return [row["key"] for row in card["widget"]["children"] if row["type"] == "Box"]


def buttons(card: dict[str, Any]) -> dict[str, str]:
    """Return the labels of a Card's own buttons by the type of their action."""
    return {
        button["onClickAction"]["type"]: button["label"]
        for row in card["widget"]["children"]
        if row.get("key") in {"actions", "questions"}
        for button in row["children"]
        if button["type"] == "Button"
    }


def test_more_sources_come_below_the_cited_ones_and_are_stored(answered: Answered) -> None:
    before = urls(answered.card)
    changed = answered.act("more_sources").json()["updated_item"]
    assert changed == answered.stored()
    assert urls(changed)[: len(before)] == before
    assert 0 < len(urls(changed)) - len(before) <= 3
    assert len(set(urls(changed))) == len(urls(changed))
    assert all(url in changed["copy_text"] for url in urls(changed))


def test_when_there_are_no_more_the_button_goes(answered: Answered) -> None:
    for _ in range(5):
        answered.act("more_sources")
    assert "more_sources" not in buttons(answered.stored())
    assert "rephrase" in buttons(answered.stored())


def test_three_rephrasings_are_offered_once(answered: Answered) -> None:
    changed = answered.act("rephrase").json()["updated_item"]
    assert changed == answered.stored()
    [row] = [row for row in changed["widget"]["children"] if row.get("key") == "questions"]
    questions = [child["label"] for child in row["children"] if child["type"] == "Button"]
    assert len(set(questions)) == 3
    assert "rephrase" not in buttons(changed)
    assert urls(changed) == urls(answered.card)


def test_an_offered_question_is_asked_and_answered(answered: Answered) -> None:
    answered.act("rephrase")
    question = buttons(answered.stored())["ask"]
    asked = answered.client.stream(
        "threads.custom_action",
        thread_id=answered.thread_id,
        item_id=answered.card_id,
        action={"type": "ask", "payload": {"question": question}},
    )
    assert asked.errors == []
    message = as_sent(asked)[0]
    assert message["content"] == [{"type": "input_text", "text": question}]
    assert asked.answer.content[0].annotations
    stored = answered.client.list_items(answered.thread_id)
    assert stored[-len(asked.items) :] == as_sent(asked)


def test_a_streamed_action_changes_the_card_in_its_place(answered: Answered) -> None:
    before = [item["id"] for item in answered.client.list_items(answered.thread_id)]
    events = list(
        answered.client.events(
            "threads.custom_action",
            thread_id=answered.thread_id,
            item_id=answered.card_id,
            action={"type": "more_sources"},
        )
    )
    assert [event.type for event in events] == ["stream_options", "thread.item.replaced"]
    items = answered.client.list_items(answered.thread_id)
    assert [item["id"] for item in items] == before
    assert len(urls(answered.stored())) > len(urls(answered.card))


@pytest.mark.parametrize(
    "action",
    [
        {"type": "ask", "payload": {"question": "What is the secret?"}},
        {"type": "ask", "payload": None},
        {"type": "ask", "payload": {"question": {"$ne": 1}}},
        {"type": "open_source", "payload": {"url": "https://evil.example"}},
        {"type": "drop_tables"},
    ],
)
@pytest.mark.parametrize("type_", ["threads.custom_action", "threads.sync_custom_action"])
def test_what_the_card_does_not_offer_is_refused(
    answered: Answered, type_: str, action: dict[str, object]
) -> None:
    before = answered.client.list_items(answered.thread_id)
    response = answered.client.request(
        type_, thread_id=answered.thread_id, item_id=answered.card_id, action=action
    )
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "unknown_action"
    assert answered.client.list_items(answered.thread_id) == before
