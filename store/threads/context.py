"""What the thread store needs to know of whoever asks."""

from typing import Protocol


class ThreadContext(Protocol):
    """The context of a request; every method of the store is scoped to its user."""

    @property
    def user_id(self) -> str:
        """Identify the owner of the threads, items and attachments; at most 255 characters."""
        ...
