"""Who signs in is in the audit log: each user once a day, whichever replica they come to."""

import hashlib
import logging
from collections import OrderedDict
from datetime import timedelta

from server.limits.counters import DatabaseCounters
from store.threads.audit import record_event
from store.threads.counters import Counter
from store.threads.errors import ThreadsUnavailableError
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore

logger = logging.getLogger(__name__)

_MOST_KNOWN = 10_000


class SignIns:
    """Writes down that a user has shown a credential for the first time on a day (UTC)."""

    def __init__(self, threads: ThreadStore) -> None:
        self._threads = threads
        self._counters = DatabaseCounters(threads)
        self._known: OrderedDict[str, None] = OrderedDict()

    async def record(self, user_id: str, *, mode: str) -> None:
        """Write a sign-in down, unless it is; `mode` is the one of AUTH that took the credential.

        A log that can't be written keeps nobody out.
        """
        today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        name = f"signed_in:{today:%Y-%m-%d}:{hashlib.sha256(user_id.encode()).hexdigest()}"
        if name in self._known:
            return
        try:
            counter = Counter(name, today + timedelta(days=1))
            if (await self._counters.add({counter: 1}))[counter] == 1:
                await record_event(self._threads, "signed_in", user_id=user_id, mode=mode)
        except ThreadsUnavailableError:
            logger.warning("The audit log can't be written; a sign-in is missing in it.")
            return
        self._known[name] = None
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
