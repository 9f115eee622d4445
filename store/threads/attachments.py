"""Attachments as those see them who act for the operator: with their owner."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatkit.types import Attachment


@dataclass(frozen=True, slots=True)
class OwnedAttachment:
    """An attachment and its owner; it will do as the `ThreadContext` of a call about it."""

    user_id: str
    attachment: Attachment


ReadFile = Callable[[str, str], Awaitable[bytes | None]]
"""Return an attachment's content by the ids of its owner and itself, or None when there is none."""
DeleteFile = Callable[[OwnedAttachment], Awaitable[None]]
"""Delete an attachment's content; one whose content is gone already is no error."""


async def delete_no_file(_attachment: OwnedAttachment) -> None:
    """Leave content alone, where none is kept."""


async def read_no_file(_user_id: str, _attachment_id: str) -> bytes | None:
    """Return None, where no content is kept."""
    return None
