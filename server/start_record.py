"""What the audit log is told when the server starts: its version and settings, without secrets."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from server.settings import ServerSettings
from store.threads.audit import record_event
from store.threads.store import ThreadStore
from store.threads.urls import parse_database_url


async def record_start(threads: ThreadStore, settings: ServerSettings) -> None:
    """Record that the server starts, with the settings that are not at their defaults."""
    changed = {
        name.upper(): shown_setting(name, getattr(settings, name))
        for name, field in type(settings).model_fields.items()
        if getattr(settings, name) != field.default
    }
    await record_event(threads, "service_started", settings=changed)


def shown_setting(name: str, value: Any) -> Any:
    """Return a setting's value as it may be written down: addresses lose what may be a secret."""
    match value:
        case SecretStr():
            return "set"
        case str() if name == "database_url":
            return parse_database_url(value).shown
        case str() if "://" in value:
            parts = urlsplit(value)
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        case Path():
            return str(value)
        case tuple() | frozenset():
            return [shown_setting("", entry) for entry in value]
        case _:
            return value
