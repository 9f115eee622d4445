"""How the SDK's records are written: nothing private, no nulls, and times that name their zone."""

from datetime import UTC, datetime
from typing import Any

from chatkit.types import Page, Thread, ThreadCreatedEvent, ThreadUpdatedEvent
from pydantic import BaseModel
from pydantic_core import to_json

_Excluded = set[str] | dict[str, Any] | None


def to_wire(record: BaseModel) -> bytes:
    """Write a record as a client gets it."""
    # A thread's metadata is the server's own; the SDK empties it and sends it nevertheless.
    match record:
        case Thread():
            exclude: _Excluded = {"metadata"}
        case ThreadCreatedEvent() | ThreadUpdatedEvent():
            exclude = {"thread": {"metadata"}}
        case Page(data=[Thread(), *_]):
            exclude = {"data": {"__all__": {"metadata"}}}
        case _:
            exclude = None
    content = record.model_dump(
        by_alias=True, exclude=exclude, exclude_none=True, context={"exclude_metadata": True}
    )
    # The SDK's datetimes name no zone, and browsers would read them as local time.
    _name_zones(content)
    return to_json(content)


def _name_zones(container: dict[Any, Any] | list[Any]) -> None:
    """Name the zone of each datetime in a record that was dumped, in its place."""
    places = container.items() if isinstance(container, dict) else enumerate(container)
    for place, value in places:
        if isinstance(value, (dict, list)):
            _name_zones(value)
        elif isinstance(value, datetime) and value.tzinfo is None:
            container[place] = value.replace(tzinfo=UTC)
