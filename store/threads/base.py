"""What the parts of the thread store have in common."""

from typing import Any

from chatkit.store import Store

from store.threads.transactions import Transactions


class SqlStore(Store[Any]):
    """A store on a database: `writes` begins transactions that change it, `reads` the others.

    The SDK declares a store's context invariant; `Any` lets a server whose context is richer than
    `ThreadContext` use this store.
    """

    def __init__(self, *, reads: Transactions, writes: Transactions) -> None:
        self.reads = reads
        self.writes = writes
