"""Turn the SDK's records into JSON and back.

The SDK works with naive datetimes. Here they are always UTC: an aware one is converted, a naive
one is taken as UTC, and what is read back is naive UTC.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from chatkit.types import Attachment, ThreadItem, ThreadMetadata, WidgetItem
from chatkit.widgets import DynamicWidgetRoot
from pydantic import TypeAdapter, ValidationError

logger = logging.getLogger(__name__)

_ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
_ATTACHMENT: TypeAdapter[Attachment] = TypeAdapter(Attachment)
_THREAD_FIELDS = set(ThreadMetadata.model_fields)

Payload = dict[str, Any]


def utc_now() -> datetime:
    """Return the time as naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def dump_item(item: ThreadItem) -> Payload:
    """Return an item as JSON data, its discriminator included."""
    moment = _naive_utc(item.created_at)
    return item.model_copy(update={"created_at": moment}).model_dump(mode="json")


def read_item(payload: Payload) -> ThreadItem | None:
    """Return the item that `dump_item` was given, or None when a newer release must have done it.

    What this release doesn't know stays stored, for one that does.
    """
    try:
        item = _ITEM.validate_python(payload)
    except ValidationError as error:
        logger.warning(
            "Item %s of type %s can't be read by this release: %d problems.",
            payload.get("id"),
            payload.get("type"),
            error.error_count(),
        )
        return None
    if isinstance(item, WidgetItem) and item.widget.model_dump(mode="json") != payload["widget"]:
        # The SDK prefers its typed widgets, which drop the properties that they don't declare.
        item.widget = DynamicWidgetRoot.model_validate(payload["widget"])
    return item


def dump_thread(thread: ThreadMetadata) -> Payload:
    """Return a thread's metadata as JSON data, without the items that a `Thread` has."""
    moment = _naive_utc(thread.created_at)
    copy = thread.model_copy(update={"created_at": moment})
    return copy.model_dump(mode="json", include=_THREAD_FIELDS)


def read_thread(payload: Payload) -> ThreadMetadata:
    """Return the metadata that `dump_thread` was given."""
    return ThreadMetadata.model_validate(payload)


def dump_attachment(attachment: Attachment) -> Payload:
    """Return an attachment's description as JSON data, with its private metadata."""
    return attachment.model_dump(mode="json")


def read_attachment(payload: Payload) -> Attachment:
    """Return the attachment that `dump_attachment` was given."""
    return _ATTACHMENT.validate_python(payload)


def _naive_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)
