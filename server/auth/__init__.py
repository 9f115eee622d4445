"""Who is asking: each mode accepts its own kind of credential, and several modes combine."""

from server.auth.authenticator import Authenticator, open_authenticator
from server.auth.identity import Identity, Reader
from server.auth.routes import auth_router, identify, readable_by
from server.auth.sessions import remember

__all__ = [
    "Authenticator",
    "Identity",
    "Reader",
    "auth_router",
    "identify",
    "open_authenticator",
    "readable_by",
    "remember",
]
