"""Who is asking; handed to the thread store and the chat server with every call."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The reader behind a request; `user_id` owns the threads that the request may see.

    `client_tools` are the tools that the client says it can carry out.
    """

    user_id: str
    client_tools: frozenset[str] = frozenset()
