"""The hidden item that ends a turn, by which any replica knows that no more comes."""

from collections.abc import Sequence
from typing import Any, Literal

from chatkit.types import (
    ClientToolCallItem,
    HiddenContextItem,
    SDKHiddenContextItem,
    StructuredInputItem,
    ThreadItem,
)

from store.threads.payloads import utc_now

Ending = Literal["completed", "failed"]


def turn_end(
    item_id: str, thread_id: str, ending: Ending, record: dict[str, Any]
) -> HiddenContextItem:
    """Make the item that ends a turn.

    It keeps the answer's record, as `server.agent.answer_record` makes it, and its status beside
    it, for those who look for what the docs lack.
    """
    content = {"turn": ending, "status": record["status"], "answer": record}
    return HiddenContextItem(id=item_id, thread_id=thread_id, created_at=utc_now(), content=content)


def how_it_ended(items: Sequence[ThreadItem]) -> Ending | None:
    """Tell from a turn's items how it ended; None while it goes on.

    A turn that waits for its reader has ended as far as it could.
    """
    for item in reversed(items):
        match item:
            case HiddenContextItem(content={"turn": "completed"}):
                return "completed"
            case HiddenContextItem(content={"turn": "failed"}) | SDKHiddenContextItem():
                return "failed"
            case ClientToolCallItem(status="pending") | StructuredInputItem(status="pending"):
                return "completed"
            case _:
                continue
    return None
