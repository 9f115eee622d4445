"""What a reader can do with a Card of sources: see more of them, or say what else was meant.

An action's payload comes from a client, so nothing of it is believed: what was asked and what the
Card shows is read from the thread.
"""

from collections.abc import Sequence
from typing import Any

from chatkit.types import ThreadMetadata, UserMessageItem, WidgetItem
from chatkit.widgets import WidgetRoot

from server.answer.cards import (
    ACTIONS,
    MORE_SOURCES,
    REPHRASE,
    Source,
    action_row,
    source_row,
    source_title,
    sources_text,
    widget_root,
)
from server.chat.history import message_text
from server.context import RequestContext
from server.search.followup import contextual_query
from server.search.retrieval import Retriever
from store.records import Passage
from store.threads.store import ThreadStore

ASK = "ask"
CHANGES_CARD = frozenset({MORE_SOURCES, REPHRASE})

_MORE = 3
_REPHRASINGS = 3
_MOST_SOURCES = 20
_QUESTIONS = "questions"


class CardActions:
    """Changes Cards of sources as their readers ask."""

    def __init__(self, threads: ThreadStore, retriever: Retriever) -> None:
        self._threads = threads
        self._retriever = retriever

    async def change(
        self, type_: str, thread: ThreadMetadata, card: WidgetItem, context: RequestContext
    ) -> WidgetItem:
        """Return the Card as it is after an action of `CHANGES_CARD`; it is not stored yet.

        Raises `RetrievalUnavailable`.
        """
        shown = card_urls(card.widget)
        query = await self._query(thread, card, context)
        readable = self._retriever.visible_to(context.scope)
        found = await readable.search(query, limit=min(len(shown), _MOST_SOURCES) + 6)
        others = [scored.passage for scored in found if scored.passage.url not in shown]
        if type_ == MORE_SOURCES:
            return _with_more(card, others[:_MORE], more=len(others) > _MORE)
        return _with_questions(card, [rephrasing(passage) for passage in others[:_REPHRASINGS]])

    async def _query(
        self, thread: ThreadMetadata, card: WidgetItem, context: RequestContext
    ) -> str:
        before = await self._threads.load_thread_items(
            thread.id, after=card.id, limit=20, order="desc", context=context
        )
        asked = [message_text(item) for item in before.data if isinstance(item, UserMessageItem)]
        return contextual_query(asked[::-1]).text


def rephrasing(passage: Passage) -> str:
    """Ask for what another section is about."""
    return f"What do the docs say about “{source_title(passage)}”?"


def card_urls(widget: WidgetRoot) -> set[str]:
    """Return the addresses that a Card of sources lists."""
    return {str(child["key"]) for child in _children(widget) if child.get("type") == "Box"}


def offered_questions(widget: WidgetRoot) -> list[str]:
    """Return the rephrasings that a Card offers."""
    return [
        str(button.get("label"))
        for child in _children(widget)
        if child.get("key") == _QUESTIONS
        for button in child["children"]
        if button.get("type") == "Button"
    ]


def _with_more(card: WidgetItem, passages: Sequence[Passage], *, more: bool) -> WidgetItem:
    children = _children(card.widget)
    place = next((i for i, row in enumerate(children) if row.get("key") == ACTIONS), len(children))
    rows = [source_row(Source(passage)) for passage in passages]
    full = not more or len(card_urls(card.widget)) + len(rows) >= _MOST_SOURCES
    actions = [] if place == len(children) else [action_row(*_left(children[place], full))]
    text = sources_text([Source(passage) for passage in passages])
    copied = "\n".join(part for part in (card.copy_text, text) if part)
    changed = _changed(card, [*children[:place], *rows, *actions, *children[place + 1 :]])
    return changed.model_copy(update={"copy_text": copied})


def _with_questions(card: WidgetItem, questions: Sequence[str]) -> WidgetItem:
    children = []
    for row in _children(card.widget):
        if row.get("key") == ACTIONS:
            left = [type_ for type_ in _types(row) if type_ != REPHRASE]
            children += [action_row(*left)] if left else []
        elif row.get("key") != _QUESTIONS:
            children.append(row)
    return _changed(card, [*children, _question_rows(questions)])


def _question_rows(questions: Sequence[str]) -> dict[str, Any]:
    caption = "Did you mean one of these?" if questions else "Nothing else in the docs comes near."
    return {
        "type": "Col",
        "key": _QUESTIONS,
        "gap": 1,
        "children": [
            {"type": "Caption", "value": caption},
            *(
                {
                    "type": "Button",
                    "label": question,
                    "variant": "ghost",
                    "size": "sm",
                    "onClickAction": {"type": ASK, "payload": {"question": question}},
                }
                for question in questions
            ),
        ],
    }


def _left(row: dict[str, Any], full: bool) -> list[str]:
    return [type_ for type_ in _types(row) if not (full and type_ == MORE_SOURCES)]


def _types(row: dict[str, Any]) -> list[str]:
    return [button["onClickAction"]["type"] for button in row["children"]]


def _children(widget: WidgetRoot) -> list[dict[str, Any]]:
    children = widget.model_dump(mode="json", exclude_none=True).get("children") or []
    return children if isinstance(children, list) else [children]


def _changed(card: WidgetItem, children: list[dict[str, Any]]) -> WidgetItem:
    written = card.widget.model_dump(mode="json", exclude_none=True)
    kept = [child for child in children if child.get("children") != []]
    return card.model_copy(update={"widget": widget_root({**written, "children": kept})})
