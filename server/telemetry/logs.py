"""Logs: one line an event on standard error, as text or as JSON, with hashed ids and no content."""

import hashlib
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

LogFormat = Literal["text", "json"]

# Libraries that tell at INFO what only their own developers need.
_CHATTY = ("alembic", "chatkit", "httpx", "openai", "qdrant_client", "uvicorn")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; tasks that it starts inherit it."""


_notes: ContextVar[dict[str, object] | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[dict[str, object]]:
    """Collect what is noted about a request, for the line that tells its end."""
    notes: dict[str, object] = {}
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def note(**fields: object) -> None:
    """Add fields to the line that tells the end of the current request, if there is one."""
    notes = _notes.get()
    if notes is not None:
        notes.update(fields)


class RequestFilter(logging.Filter):
    """Gives each record the id of the request in which it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `request_id`, and let every record through."""
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """Writes a record, and the `fields` that it carries, as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identified := vars(record).get("request_id"):
            line["request_id"] = identified
        line |= vars(record).get("fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to_stderr(level: str, form: LogFormat) -> None:
    """Log what is at least as severe as `level`; libraries are quieter unless it is DEBUG."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestFilter())
    handler.setFormatter(
        JsonFormatter()
        if form == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler])
    if level != "DEBUG":
        # A person at a terminal need not see each request go by.
        quiet = _CHATTY if form == "json" else (*_CHATTY, "server.telemetry.observer")
        for name in quiet:
            logging.getLogger(name).setLevel(logging.WARNING)


def hashed(identifier: str) -> str:
    """Return what stands for an id in logs: the same each time, and no way back to a name."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:12] if identifier else ""
