"""Who is asking: each mode accepts its own kind of credential, and several modes combine."""

from server.auth.identity import Identity

__all__ = ["Identity"]
