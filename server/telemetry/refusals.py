"""Refused requests are counted; wrong credentials and limits that were hit are in the audit log."""

import logging
import time
from collections import Counter

from server.errors import RequestRefused
from server.telemetry.metrics import Metrics
from store.threads.audit import AuditEvent, record_event
from store.threads.errors import ThreadsUnavailableError
from store.threads.store import ThreadStore

logger = logging.getLogger(__name__)

_EVENTS: dict[int, AuditEvent] = {401: "refused", 403: "refused", 429: "limit_hit"}
# Whoever sends wrong credentials by the thousand must not fill the database with them.
_PAUSE_SECONDS = 60.0


class Refusals:
    """Writes each reason at most once a minute, with how many there were since the last entry."""

    def __init__(self, threads: ThreadStore, metrics: Metrics) -> None:
        self._threads = threads
        self._metrics = metrics
        self._waiting: Counter[str] = Counter()
        self._written: dict[str, float] = {}

    async def record(self, error: RequestRefused) -> None:
        """Count a refusal, and write it down when its time has come."""
        self._metrics.refusal(error.code)
        event = _EVENTS.get(error.status)
        if event is None:
            return
        self._waiting[error.code] += 1
        now = time.monotonic()
        if now - self._written.get(error.code, -_PAUSE_SECONDS) < _PAUSE_SECONDS:
            return
        self._written[error.code] = now
        count = self._waiting.pop(error.code)
        try:
            await record_event(self._threads, event, code=error.code, count=count)
        except ThreadsUnavailableError:
            logger.warning("The audit log can't be written; a refusal is missing in it.")
