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
    return to_json(_with_zone(content))


def _with_zone(value: Any) -> Any:
    match value:
        case datetime() if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        case dict():
            return {key: _with_zone(entry) for key, entry in value.items()}
        case list():
            return [_with_zone(entry) for entry in value]
        case _:
            return value
