"""What the suites of the thread store share."""

from collections.abc import AsyncIterator

import pytest
from chatkit.types import ThreadItem
from pydantic import BaseModel

from store.threads.engine import open_thread_store
from store.threads.store import ThreadStore
from store.threads.tables import ThreadStoreTable
from tests.contract.thread_items import ALICE, a_note, a_thread


def wire(record: BaseModel) -> str:
    """Return a record as the server sends it."""
    return record.model_dump_json(exclude_none=True)


async def all_items(store: ThreadStore, thread_id: str, *, page: int = 100) -> list[ThreadItem]:
    """Page through a thread, oldest first."""
    items: list[ThreadItem] = []
    after = None
    while True:
        found = await store.load_thread_items(thread_id, after, page, "asc", context=ALICE)
        items.extend(found.data)
        if not found.has_more:
            return items
        after = found.after


async def thread_with_notes(store: ThreadStore, count: int, thread_id: str = "thr_1") -> list[str]:
    """Make a thread of `count` items that share one timestamp; return their ids in order."""
    await store.save_thread(a_thread(thread_id), context=ALICE)
    ids = [f"msg_{number:03}" for number in range(count)]
    for item_id in ids:
        await store.add_thread_item(thread_id, a_note(item_id, thread_id), context=ALICE)
    return ids


class StoreFixture:
    """Opens the store on the `shared_database_url` of the test module, with nothing in it."""

    @pytest.fixture
    async def store(self, shared_database_url: str) -> AsyncIterator[ThreadStore]:
        async with open_thread_store(shared_database_url) as store:
            # Emptied, because making the tables takes longer than most tests.
            async with store.writes.begin() as session:
                for table in reversed(ThreadStoreTable.metadata.sorted_tables):
                    await session.exec(table.delete())
            yield store
