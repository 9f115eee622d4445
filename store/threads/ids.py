"""Ids that don't collide: the SDK's own keep 32 bits of a UUID, these keep all of it."""

from uuid import uuid4

from chatkit.store import StoreItemType, default_generate_id


def generate_id(item_type: StoreItemType) -> str:
    """Return a new id with the SDK's prefix for the type, such as `msg_` and 32 hex digits."""
    prefix, separator, _ = default_generate_id(item_type).rpartition("_")
    return f"{prefix}{separator}{uuid4().hex}"
